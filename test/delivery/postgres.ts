import { randomUUID } from 'node:crypto'
import { Client } from 'pg'

const server = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/test'

async function run(statement: string): Promise<void> {
  const client = new Client({ connectionString: server, connectionTimeoutMillis: 2_000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Whether PostgreSQL can be reached. In CI it has to be. */
export const hasPostgres: boolean = await run('select 1').then(
  () => true,
  (error: Error) => {
    if (process.env.CI) throw new Error('CI needs PostgreSQL for these tests', { cause: error })
    console.warn('PostgreSQL is not reachable: its tests are skipped')
    return false
  },
)

/** A database of its own for one test file. */
export async function createDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = `routing_${randomUUID().replaceAll('-', '')}`
  await run(`create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(`drop database if exists ${name} with (force)`) }
}

import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { freePort, type Program, runProgram, startProgram } from './programs.ts'

/** A PostgreSQL of this test alone, which it may end, lock and fill. */
export interface Postgres {
  readonly url: string
  /** The directory of its files. */
  readonly dataDir: string
  /** Ends it at once, as when its machine fails, and starts it again. `awayMs`: how long it is away. */
  restart(awayMs: number): Promise<void>
  /** Executes SQL as the superuser. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

/** Starts an empty PostgreSQL in `parent`, the folder for its files. */
export async function startPostgres(parent = mkdtempSync(join(tmpdir(), 'replicas-postgres-'))): Promise<Postgres> {
  const user = 'postgres'
  const port = await freePort()
  if (process.getuid?.() === 0) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(runProgram('id', [flag, user])))
    chownSync(parent, uid!, gid!)
  }
  const dataDir = join(parent, 'data')
  runProgram('initdb', ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '--no-sync'], user)
  // The machine does not fail here, so nothing is lost without fsync. A test machine's disk may take half a second for one.
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${parent}`, 'fsync=off']
  const args = ['-D', dataDir, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const start = () => startProgram('postgres', args, port, user)
  let program = await start()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  await untilAnswering(url)
  return {
    url,
    dataDir,
    async restart(awayMs) {
      await program.end('SIGQUIT')
      await new Promise((resolve) => setTimeout(resolve, awayMs))
      program = await start()
      await untilAnswering(url)
    },
    query: (sql) => queryOnce(url, sql),
    async close() {
      await program.end('SIGQUIT')
      rmSync(parent, { recursive: true, force: true })
    },
  }
}

async function queryOnce(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[]
  } finally {
    await client.end()
  }
}

/** A server that recovers listens before it answers. */
async function untilAnswering(url: string): Promise<void> {
  for (let tries = 100; ; tries--) {
    try {
      await queryOnce(url, 'select 1')
      return
    } catch (error) {
      if (tries === 0) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

export interface RedisServer {
  readonly url: string
  readonly program: Program
}

/** Starts an empty Redis. `port`: that of an earlier one, which comes back. */
export async function startRedis(port?: number): Promise<RedisServer> {
  const own = port ?? (await freePort())
  const args = ['--bind', '127.0.0.1', '--port', String(own), '--save', '', '--appendonly', 'no', '--dir', tmpdir()]
  return { url: `redis://127.0.0.1:${own}`, program: await startProgram('redis-server', args, own) }
}

/** A proxy with the file of `docs/deploy`. Only its own port and the addresses of the replicas are the test's. */
export interface LoadBalancer {
  readonly url: string
  output(): string
  close(): Promise<void>
}

const deployed = (file: string): string => readFileSync(new URL(`../../../docs/deploy/${file}`, import.meta.url), 'utf8')

/** Replaces what must be there, so that a changed file does not pass unnoticed. */
function replaceAll(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`The file has no "${from}".`)
    return changed.replaceAll(from, to)
  }, text)
}

export async function startNginx(replicas: readonly [URL, URL]): Promise<LoadBalancer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'replicas-nginx-'))
  const conf = replaceAll(deployed('nginx.conf'), {
    'gateway-1:4000': replicas[0].host,
    'gateway-2:4000': replicas[1].host,
    'listen 4000;': `listen 127.0.0.1:${port};`,
    '/dev/stdout': join(folder, 'access.log'),
  })
  writeFileSync(join(folder, 'gateway.conf'), conf)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`)
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
    events { worker_connections 1024; }
    http { ${temporary.join(' ')} include ${folder}/gateway.conf; }`,
  )
  const program = await startProgram('nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], port)
  return {
    url: `http://127.0.0.1:${port}`,
    output: () => readFileSync(join(folder, 'access.log'), 'utf8') + readFileSync(join(folder, 'error.log'), 'utf8'),
    async close() {
      await program.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function startHaproxy(replicas: readonly [URL, URL]): Promise<LoadBalancer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'replicas-haproxy-'))
  const conf = replaceAll(deployed('haproxy.cfg'), {
    ' gateway-1:4000': ` ${replicas[0].host}`,
    ' gateway-2:4000': ` ${replicas[1].host}`,
    'bind :4000': `bind 127.0.0.1:${port}`,
  })
  writeFileSync(join(folder, 'haproxy.cfg'), conf)
  const program = await startProgram('haproxy', ['-f', join(folder, 'haproxy.cfg'), '-db'], port)
  return {
    url: `http://127.0.0.1:${port}`,
    output: program.output,
    async close() {
      await program.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

import { randomBytes } from 'node:crypto'
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, runToEnd, startProcess } from '../support/desk-process.ts'
import { seedRedmine } from './seed.ts'
import { spreadTimes } from './spread-times.ts'

/** A real Redmine of Debian on loopback, with its data in a temporary folder. */
export interface RedmineServer {
  readonly url: string
  /** Brings the data back to what the seed wrote. The server restarts on the same port. */
  reset(): Promise<void>
  /** "METHOD path" of every request since the last time that this was asked, by the server's own log. */
  takeCalls(): readonly string[]
  /** Ends the server and removes its folder. */
  close(): Promise<void>
}

const home = '/usr/share/redmine'
/** The empty database that Debian's package has made. */
const emptyDatabase = '/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default'

/** Starts a seeded Redmine. */
export async function startRedmine(): Promise<RedmineServer> {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-redmine-'))
  try {
    return await startIn(folder)
  } catch (error) {
    rmSync(folder, { recursive: true })
    throw error
  }
}

async function startIn(folder: string): Promise<RedmineServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  prepareFolder(folder)
  const command = { cwd: home, env: toEnvironment(folder), logFile: join(folder, 'log', 'server.log') }
  // One thread: on SQLite, parallel requests of Redmine can wait for each other's locks until one of them fails.
  const bind = `tcp://127.0.0.1:${port}`
  const args = ['-q', '-e', 'production', '-t', '1:1', '-b', bind, '--pidfile', join(folder, 'tmp', 'puma.pid'), 'config.ru']
  // Every answer needs a key, so a server that is up refuses.
  const isUp = async () => (await fetch(`${url}/issues.json`)).status === 401
  const start = () => startProcess({ ...command, file: 'puma', args }, isUp)
  const [database, files] = [join(folder, 'db.sqlite3'), join(folder, 'files')]
  const seeds = process.env.DESKGRAPH_REAL_SEEDS ?? folder
  const [seededDatabase, seededFiles] = [join(seeds, 'redmine.sqlite3'), join(seeds, 'redmine-files')]
  if (existsSync(seededFiles)) {
    copyFileSync(seededDatabase, database)
    cpSync(seededFiles, files, { recursive: true })
  } else {
    await runToEnd({ ...command, file: 'ruby', args: ['bin/rails', 'runner', join(import.meta.dirname, 'setup.rb')] })
    const unseeded = await start()
    await seedRedmine(url).finally(unseeded.stop)
    spreadTimes(database)
    copyFileSync(database, seededDatabase)
    cpSync(files, seededFiles, { recursive: true })
  }
  let taken = 0
  let server = await start()
  return {
    url,
    takeCalls() {
      const lines = readFileSync(join(folder, 'log', 'production.log'), 'utf8').match(/Started [A-Z]+ "[^"]*"/g) ?? []
      const calls = lines.slice(taken).map((line) => line.replace(/^Started ([A-Z]+) "([^"]*)"$/, '$1 $2'))
      taken = lines.length
      return calls
    },
    async reset() {
      await server.stop()
      copyFileSync(seededDatabase, database)
      rmSync(files, { recursive: true })
      cpSync(seededFiles, files, { recursive: true })
      server = await start()
    },
    async close() {
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

function prepareFolder(folder: string): void {
  for (const name of ['config', 'log', 'files', 'tmp/cache', 'public/plugin_assets']) {
    mkdirSync(join(folder, name), { recursive: true })
  }
  const database = join(folder, 'db.sqlite3')
  copyFileSync(emptyDatabase, database)
  const settings = `production:\n  adapter: sqlite3\n  database: ${database}\n  timeout: 10000\n  pool: 8\n`
  writeFileSync(join(folder, 'config', 'database.yml'), settings)
  writeFileSync(join(folder, 'config', 'secret_key.txt'), randomBytes(40).toString('hex'))
}

/** Debian's Redmine looks for an instance below its own folder: the way from there to the temporary one. */
function toEnvironment(folder: string): NodeJS.ProcessEnv {
  const { PATH } = process.env
  const system = `${PATH}:/usr/sbin:/usr/bin`
  return {
    PATH: system,
    HOME: folder,
    RAILS_ENV: 'production',
    REDMINE_INSTANCE: `../../../..${folder}`,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
  }
}

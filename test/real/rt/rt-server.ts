import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, runToEnd, startProcess } from '../support/desk-process.ts'
import { type RtLogin, toSeed } from './seed.ts'

/** A real Request Tracker of Debian on loopback, with its data in a temporary folder. */
export interface RtServer {
  readonly url: string
  /** The tokens of the seed's people, and of the administrator `root`. */
  readonly tokens: Readonly<Record<RtLogin, string>>
  /** Brings the data back to what the seed wrote. The server restarts on the same port. */
  reset(): Promise<void>
  /** The calls that the server has logged since the last time, such as "GET /REST/2.0/ticket/1". */
  takeCalls(): readonly string[]
  /** Ends the server and removes its folder. */
  close(): Promise<void>
}

/** Below `concurrency` of the source's configuration, a source would wait for a free worker. */
export const workers = 4
const program = '/usr/share/request-tracker5/libexec/rt-server'
/** The empty database that Debian's package has made. */
const emptyDatabase = '/var/lib/dbconfig-common/sqlite3/request-tracker5/rtdb'

/** Starts a seeded Request Tracker. */
export async function startRt(): Promise<RtServer> {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-rt-'))
  try {
    return await startIn(folder)
  } catch (error) {
    rmSync(folder, { recursive: true })
    throw error
  }
}

async function startIn(folder: string): Promise<RtServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const [database, seeded] = [join(folder, 'rt.db'), join(folder, 'seeded.db')]
  for (const name of ['conf.d', 'mason', 'session', 'log']) mkdirSync(join(folder, name))
  copyFileSync(emptyDatabase, database)
  writeFileSync(join(folder, 'RT_SiteConfig.pm'), toSiteConfig(folder, port))
  writeFileSync(join(folder, 'seed.json'), JSON.stringify(toSeed()))
  const command = { cwd: folder, env: toEnvironment(folder), logFile: join(folder, 'log', 'server.log') }
  await runToEnd({ ...command, file: 'perl', args: [join(import.meta.dirname, 'setup.pl'), folder] })
  copyFileSync(database, seeded)
  const accessLog = join(folder, 'log', 'access.log')
  const args = [
    '--env',
    'development',
    '--server',
    'Starlet',
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--max-workers',
    String(workers),
    '--access-log',
    accessLog,
  ]
  // Every answer needs a token, so a server that is up refuses.
  const isUp = async () => (await fetch(`${url}/REST/2.0/rt`)).status === 401
  const start = () => startProcess({ ...command, file: program, args }, isUp)
  let server = await start()
  let taken = 0
  return {
    url,
    tokens: JSON.parse(readFileSync(join(folder, 'tokens.json'), 'utf8')),
    takeCalls() {
      const lines = readFileSync(accessLog, 'utf8').match(/"[A-Z]+ \S+ HTTP/g) ?? []
      const calls = lines.slice(taken).map((line) => line.slice(1, -' HTTP'.length))
      taken = lines.length
      return calls
    },
    async reset() {
      await server.stop()
      copyFileSync(seeded, database)
      server = await start()
    },
    async close() {
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

function toEnvironment(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: `${process.env.PATH}:/usr/sbin:/usr/bin`,
    HOME: folder,
    RT_SITE_CONFIG: join(folder, 'RT_SiteConfig.pm'),
    RT_SITE_CONFIG_DIR: join(folder, 'conf.d'),
    TZ: 'UTC',
    LANG: 'C.UTF-8',
  }
}

function toSiteConfig(folder: string, port: number): string {
  const settings: Readonly<Record<string, string | number>> = {
    rtname: 'rt.example',
    Organization: 'rt.example',
    CorrespondAddress: 'rt@rt.example',
    CommentAddress: 'rt-comment@rt.example',
    WebDomain: '127.0.0.1',
    WebPort: port,
    WebPath: '',
    WebBaseURL: `http://127.0.0.1:${port}`,
    Timezone: 'UTC',
    DatabaseType: 'SQLite',
    DatabaseName: join(folder, 'rt.db'),
    DatabaseHost: '',
    DatabaseUser: '',
    DatabasePassword: '',
    // Into a temporary file.
    MailCommand: 'testfile',
    LogToSTDERR: 'warning',
    MasonDataDir: join(folder, 'mason'),
    MasonSessionDir: join(folder, 'session'),
    // RT's own cost of 12 takes 100 ms and more for each request with a token.
    BcryptCost: 4,
  }
  const lines = Object.entries(settings).map(([name, value]) => `Set($${name}, ${JSON.stringify(value).replaceAll('@', '\\@')});`)
  return [...lines, 'Set($LogToSyslog, undef);', '1;', ''].join('\n')
}

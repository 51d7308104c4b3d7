import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/db/open-store.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { isCustomerCareTicket } from '../support/wasabi-schema.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'deskgraph-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the command in a process of its own, with this environment alone. */
function deskgraph(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const { PATH = '' } = process.env
  const command = ['--import', 'tsx', 'src/cli/index.ts', ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env: { PATH, ...environment } }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err })
    })
  })
}

function write(name: string, text: string | Buffer): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const event = (ticketId: string, customerId: string) =>
  JSON.stringify({
    eventType: 'CUSTOMER_CARE_TICKET',
    eventAction: 'CREATED',
    version: 1.0,
    body: { ticketId, customerId, status: 'OPEN', createdAt: '2024-02-06T10:00:00Z', updatedAt: '2024-02-06T12:45:00Z' },
  })

test('RELEASE-05: deskgraph check-documents ends with 0, 1 or 2, also for wrong arguments', async () => {
  const good = write('good.json', '{ "a": "{ viewer { key } }" }')
  const bad = write('bad.json', '{ "a": "{ viewer { keys } }" }')
  const ended = [[good], [bad], [join(folder, 'missing.json')], [], [good, '--colour']].map((args) =>
    deskgraph(['check-documents', ...args]),
  )
  expect((await Promise.all(ended)).map(({ code }) => code)).toEqual([0, 1, 2, 2, 2])
})

test('OPS-25: a shell completes commands, their commands and options, with what they do', async () => {
  const [script, commands, subcommands, options] = await Promise.all([
    deskgraph(['completion', 'bash']),
    deskgraph(['complete', '--', 'deliv']),
    deskgraph(['complete', '--', 'deliveries', '']),
    deskgraph(['complete', '--', 'doctor', '--']),
  ])
  expect([script.code, script.out]).toEqual([0, expect.stringContaining('complete -F __deskgraph_complete deskgraph')])
  expect(commands.out).toMatch(/^deliveries\tShows and replays deliveries to partners\.$/m)
  expect(subcommands.out).toMatch(/^list\t.*\nreplay\t.*\nenable\t/m)
  expect(options.out).toMatch(/^--json\tprints JSON for programs$/m)
})

describe('deskgraph check-config', () => {
  test('prints what a good file configures', async () => {
    const file = write('good.yaml', 'sources:\n  w: { system: wasabi, token: a-token-of-the-tests }\n')
    expect(await deskgraph(['check-config', file])).toMatchObject({
      code: 0,
      out: `${file} is good: 1 sources: w (wasabi); auth none.\n`,
    })
  })
  test('prints every fault of a bad file with its place, and fails', async () => {
    const file = write(
      'bad.yaml',
      'sources:\n  w: { system: wasabi, token: "${NOT_SET}" }\n  x: { system: excel }\ncolour: red\n',
    )
    const { code, err } = await deskgraph(['check-config', file])
    expect(code).toBe(1)
    expect(err).toContain(`${file}:2:31 sources.w.token: the environment variable NOT_SET is not set`)
    expect(err).toContain('sources.x.system')
    expect(err).toContain('colour: this key is not known; correct its spelling')
    expect(err).toContain('3 fault(s).')
  })
})

test('import stores events once, export writes them valid against the schema, erase removes the customer', async () => {
  const environment = {
    DESKGRAPH_CONFIG: write('gateway.yaml', 'sources:\n  w: { system: wasabi, token: a-token-of-the-tests }\n'),
    DESKGRAPH_DATA_DIR: join(folder, 'data'),
  }
  const file = write('events.ndjson', `${event('1', 'canary-customer')}\n${event('2', 'other')}\nnot json\n`)
  expect((await deskgraph(['import', 'wasabi', file], environment)).out).toBe(`${file}: 2 kept, 0 unchanged, 1 quarantined\n`)
  const again = write('again.ndjson', `${event('1', 'canary-customer')}\n`)
  expect((await deskgraph(['import', 'wasabi', again], environment)).out).toBe(`${again}: 0 kept, 1 unchanged, 0 quarantined\n`)

  const exported = (await deskgraph(['export', 'wasabi'], environment)).out.trim().split('\n')
  expect(exported).toHaveLength(2)
  expect(exported.map((line) => isCustomerCareTicket(JSON.parse(line)))).toEqual([true, true])

  const receipt = JSON.parse((await deskgraph(['erase', '--customer', 'canary-customer'], environment)).out)
  expect(receipt.rows).toMatchObject({ tickets: 1 })
  const left = (await deskgraph(['export', 'wasabi', 'w'], environment)).out
  expect(left).not.toContain('canary-customer')
  expect(left).toContain('"other"')
}, 120_000)

test('OPS-10: erase with a Redis that fails erases nothing before it is connected, and gives its receipt after', async () => {
  const environment = {
    DESKGRAPH_CONFIG: write('gateway.yaml', 'sources:\n  w: { system: wasabi, token: a-token-of-the-tests }\n'),
    DESKGRAPH_DATA_DIR: join(folder, 'erased'),
  }
  await deskgraph(['import', 'wasabi', write('erased.ndjson', event('1', 'canary-customer'))], environment)
  const erase = (redisUrl: string) =>
    deskgraph(['erase', '--customer', 'canary-customer'], { ...environment, REDIS_URL: redisUrl })
  expect(await erase('redis://127.0.0.1:1')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('Nothing was erased.'),
  })

  const redis = await startFailingRedis()
  const { code, out, err } = await erase(redis.url)
  redis.close()
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({ rows: { tickets: 1 }, cache: 'Redis failed: run the same command again.' })
  expect(JSON.parse(err)).toMatchObject({ audit: true, what: 'erase', outcome: 'APPLIED' })
}, 120_000)

/** A Redis that accepts a connection and answers every command of a scan with an error. */
async function startFailingRedis() {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      // One answer for each command: an array of bulk strings.
      for (const command of data.toString('latin1').split(/(?=\*\d+\r\n\$)/)) {
        const isInfo = /\r\ninfo\r\n/i.test(command)
        socket.write(isInfo ? '$19\r\nredis_version:7.0.0\r\n' : '-ERR broken\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `redis://127.0.0.1:${port}`, close: () => server.close() }
}

test('a missing file, an unknown source and a missing configuration end with one line', async () => {
  const environment = {
    DESKGRAPH_CONFIG: write('gateway.yaml', 'sources:\n  w: { system: wasabi, token: a-token-of-the-tests }\n'),
    DESKGRAPH_DATA_DIR: join(folder, 'data'),
  }
  expect(await deskgraph(['import', 'wasabi', '/nowhere/x'], environment)).toMatchObject({
    code: 1,
    err: '/nowhere/x: it cannot be read (ENOENT).\n',
  })
  expect(await deskgraph(['export', 'wasabi', 'z'], environment)).toMatchObject({ code: 1, err: 'There is no source "z".\n' })
  expect((await deskgraph(['import', 'wasabi', 'x'])).err).toContain('Set DESKGRAPH_CONFIG')
}, 60_000)

test('import reads UTF-16, gzip and pages, says of every other file why not, and fails where nothing was kept', async () => {
  const environment = {
    DESKGRAPH_CONFIG: write('gateway.yaml', 'sources:\n  w: { system: wasabi, token: a-token-of-the-tests }\n'),
    DESKGRAPH_DATA_DIR: join(folder, 'files'),
  }
  const page = (...ids: string[]) => `{"count":2,"tickets":[${ids.map((id) => event(id, 'c')).join()}],"next_page":null}`
  const files = {
    'page.json': [page('1', '2'), '2 kept, 0 unchanged, 0 quarantined'],
    'powershell.json': [Buffer.from(`\ufeff${page('3', '4')}\r\n`, 'utf16le'), '2 kept, 0 unchanged, 0 quarantined'],
    'bom.ndjson': [`\ufeff${event('5', 'c')}\r\n${event('6', 'c')}\r\n`, '2 kept, 0 unchanged, 0 quarantined'],
    'packed.json.gz': [gzipSync(page('7', '8')), '2 kept, 0 unchanged, 0 quarantined'],
  } as const
  const paths = Object.entries(files).map(([name, [content]]) => write(name, content))
  const lines = Object.values(files).map(([, counts], index) => `${paths[index]}: ${counts}\n`)
  expect(await deskgraph(['import', 'wasabi', ...paths], environment)).toEqual({ code: 0, out: lines.join(''), err: '' })

  const empty = write('empty.json', '')
  const none = write('none.json', '[]')
  const wrong = write('wrong.ndjson', 'not json\n{"users":[]}\n')
  const short = write('short.gz', gzipSync(page('9', '10')).subarray(0, 40))
  const known = paths[0]!
  const given = [folder, join(folder, 'missing'), empty, none, wrong, short, known]
  const { code, out, err } = await deskgraph(['import', 'wasabi', ...given], environment)
  expect({ code, out: out.split('\n'), err: err.split('\n') }).toEqual({
    code: 1,
    out: [
      `${none}: 0 kept, 0 unchanged, 0 quarantined`,
      `${wrong}: 0 kept, 0 unchanged, 2 quarantined`,
      `${known}: 0 kept, 2 unchanged, 0 quarantined`,
      '',
    ],
    err: [
      `${folder}: it is a directory. Name the files in it.`,
      `${join(folder, 'missing')}: it cannot be read (ENOENT).`,
      `${empty}: it is empty.`,
      `${none}: nothing was kept. It holds no record.`,
      `${wrong}: nothing was kept. The quarantine says why.`,
      `${short}: its gzip data is damaged or incomplete (Z_BUF_ERROR).`,
      '',
    ],
  })
  expect((await deskgraph(['import', 'wasabi', known], environment)).code).toBe(0)
}, 120_000)

describe('OPS-18: deskgraph doctor as a process', () => {
  test('ends with 2 when it is used wrongly', async () => {
    const { code, err } = await deskgraph(['doctor', '--jason'])
    expect(code).toBe(2)
    expect(err).toContain("unknown option '--jason'")
  })

  test('opens an embedded database that no gateway uses, and migrates nothing', async () => {
    const dataDir = join(folder, 'older')
    const store = await openStore({ dataDir, findSource: () => null, logger: noLogger, metrics: noMetrics })
    await sql`delete from kysely_migration where name = '0007-uploads'`.execute(store.db)
    await store.close()
    const found = {
      check: 'database',
      state: 'WARNING',
      found:
        'The embedded database answers and can be written. Its tables are of an older version: 0007-uploads did not run yet.',
      action: 'The next start of this version runs them. Make a backup before.',
    }
    for (const _ of ['first', 'again']) {
      const { out } = await deskgraph(['doctor', '--json'], { DESKGRAPH_DATA_DIR: dataDir })
      expect(JSON.parse(out).results).toContainEqual(found)
    }
  })

  test('ends with 1 in time when there is a problem, also while a connection hangs', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const source = `{ system: redmine, url: "http://127.0.0.1:${port}", token: abcdefgh, timeoutMs: 60000 }`
    const file = write('hangs.yaml', `sources: { desk: ${source} }\n`)
    const { code, out } = await deskgraph(['doctor', '--json'], {
      DESKGRAPH_CONFIG: file,
      DESKGRAPH_DATA_DIR: join(folder, 'doctor'),
    })
    server.close()
    expect(code).toBe(1)
    expect(JSON.parse(out).results).toContainEqual({
      check: 'source desk',
      state: 'PROBLEM',
      found: 'There was no answer within 3 s.',
      action: 'Check that it runs, and the network and firewall between this machine and it.',
    })
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { explain, findLines, toExplanation } from '../../src/cli/explain.ts'

const id = '0199a0f2-6c1e-4d3a-9d55-0a2b6f1c7e11'
const time = '2026-03-01T10:00:00.000Z'
const line = (fields: object) => JSON.stringify({ level: 30, time, requestId: id, ...fields })
const refused = line({
  ...{ transport: 'http', method: 'POST', route: '/graphql', status: 429, code: 'RATE_LIMITED', durationMs: 1, viewer: 'ann' },
  message: 'request',
})

let printed: string[] = []
beforeEach(() => {
  printed = []
  for (const name of ['log', 'error'] as const) vi.spyOn(console, name).mockImplementation((text) => void printed.push(text))
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
})

const storyOf = async (...texts: string[]) =>
  toExplanation(id, await findLines(id, [Readable.from(texts.map((text) => `${text}\n`))]))
    .split('\n')
    .slice(2)

test('finds the lines of one request among others, in container logs and beside broken lines', async () => {
  const other = refused.replace(id, '0199a0f2-0000-4d3a-9d55-0a2b6f1c7e11')
  const mentions = line({ requestId: 'other', message: `not ${id}` })
  const story = await storyOf(other, mentions, `broken ${id} {`, `2026-03-01T10:00:00Z stdout F ${refused}`)
  expect(story).toEqual([`${time}  POST /graphql over http: answered with 429 (RATE_LIMITED) after 1 ms`, '  viewer: ann'])
})

test('tells of a client that left, of a socket, and of operations without a name', async () => {
  const base = { transport: 'http', method: 'POST', route: '/graphql', durationMs: 5, message: 'request' }
  expect(await storyOf(line({ ...base, status: null }))).toEqual([
    `${time}  POST /graphql over http: the client left before the answer after 5 ms`,
    '  viewer: not signed in',
  ])
  const operations = [{ name: null, type: 'mutation', outcome: 'ok' }]
  const sources = { vcc: { calls: 2, ms: 9 } }
  expect(await storyOf(line({ ...base, transport: 'websocket', method: undefined, operations, sources }))).toEqual([
    `${time}  /graphql over websocket: ended after 5 ms`,
    '  viewer: not signed in',
    '  mutation without a name: ok',
    '  source vcc: 2 calls, 9 ms together',
  ])
})

test('shows the stack of a failure of the gateway, what was audited, and every field of other lines', async () => {
  const causes = [{ name: 'Error', code: 'ENOSPC', message: 'no space left' }]
  const failure = line({ code: 'INTERNAL_SERVER_ERROR', path: null, source: null, causes, stack: 'at a (b.ts)\nat c (d.ts)' })
  const audit = JSON.stringify({
    audit: true,
    at: time,
    requestId: id,
    who: 'ann',
    what: 'closeTicket',
    subject: 'T1',
    outcome: 'X',
  })
  const story = await storyOf(
    failure.replace('"level"', '"message":"request failed","level"'),
    audit,
    line({ message: 'a note', more: 1 }),
  )
  expect(story).toEqual([
    `${time}  request failed: INTERNAL_SERVER_ERROR`,
    '  because Error ENOSPC: no space left',
    '    at a (b.ts)',
    '    at c (d.ts)',
    '  what to do: docs/errors.md, INTERNAL_SERVER_ERROR',
    '',
    `${time}  audit: ann closeTicket of T1: X`,
    '',
    `${time}  a note`,
    '  more: 1',
  ])
})

test('reads plain and compressed files; without a line it says where else to look, with the exit code 1', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'explain-'))
  try {
    const [plain, packed] = [join(folder, 'a.log'), join(folder, 'b.log.gz')]
    writeFileSync(plain, line({ message: 'first' }))
    writeFileSync(packed, gzipSync(line({ message: 'second' })))
    await explain(id, [plain, packed], { json: true })
    const { requestId, lines } = JSON.parse(printed[0]!) as { requestId: string; lines: { message: string }[] }
    expect([requestId, lines.map(({ message }) => message)]).toEqual([id, ['first', 'second']])
    await explain('unknown', [plain], {})
    expect([process.exitCode, printed[1]]).toEqual([1, expect.stringContaining('has the request id unknown')])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

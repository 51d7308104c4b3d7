import { describe, expect, test } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { Logger, Metrics } from '../../src/domain/telemetry.ts'
import { createHintIntake } from '../../src/ingestion/hint-intake.ts'
import type { NewHint } from '../../src/ingestion/hint-store.ts'
import type { ChangeHint } from '../../src/sources/hint-handler.ts'
import { JsonProblem } from '../../src/sources/parse-event-json.ts'
import { EventProblem, type WebhookRequest } from '../../src/sources/webhook-handler.ts'
import { createMemorySource } from '../support/memory-source.ts'

const nowMs = Date.parse('2024-06-01T12:00:00.000Z')
const request = (hint: Partial<ChangeHint> | Error, secret = 'right') =>
  ({ rawBody: Buffer.from(''), contentType: '', headers: {}, query: { secret }, hint }) as unknown as WebhookRequest

/** An intake whose commits wait until the test ends them. Its handler takes the hint that the request of the test holds. */
function intakeOf({ tenant = 'eu' as string | null, commitsAtOnce = true } = {}) {
  const source = createMemorySource('desk', { tenant })
  const commits: {
    hints: readonly NewHint[]
    dueAt: string
    end: (isNew: readonly boolean[]) => void
    fail: (error: Error) => void
  }[] = []
  const counted: string[] = []
  const observed: unknown[][] = []
  const stored: string[] = []
  const lines: unknown[][] = []
  const known = new Set<string | null>()
  const handler = {
    source: source.info,
    authorise: ({ query }: WebhookRequest) => query.secret === 'right',
    read(received: WebhookRequest): ChangeHint {
      const { hint } = received as unknown as { hint: Partial<ChangeHint> | Error }
      if (hint instanceof Error) throw hint
      return { deliveryId: null, ticketIds: [], removed: false, ...hint }
    },
  }
  const intake = createHintIntake({
    hinted: [{ source, handler }],
    hints: {
      insert(hints, dueAt) {
        const { promise, resolve, reject } = Promise.withResolvers<readonly boolean[]>()
        commits.push({ hints, dueAt, end: resolve, fail: reject })
        if (commitsAtOnce)
          resolve(
            hints.map(({ deliveryId }) => deliveryId === null || (!known.has(deliveryId) && Boolean(known.add(deliveryId)))),
          )
        return promise
      },
    },
    onStored: (key) => void stored.push(key),
    delayMs: 250,
    metrics: {
      count: (name: string, labels: object) => void counted.push([name, ...Object.values(labels)].join(' ')),
      observe: (...args: unknown[]) => void observed.push(args),
    } as unknown as Metrics,
    logger: { warn: (...args: unknown[]) => void lines.push(args) } as unknown as Logger,
    clock: () => nowMs,
  })
  const receive = (hint: Partial<ChangeHint> | Error, secret?: string) =>
    intake.receive('desk', request(hint, secret), 'request-1')
  return { intake, receive, commits, counted, observed, stored, lines }
}

describe('a webhook of a pulled source', () => {
  test('stores the tickets that it names, each once, in the tenant of the source, due after the delay', async () => {
    const { receive, commits, counted, stored, observed } = intakeOf()
    const answer = await receive({ deliveryId: 'd-1', ticketIds: ['a', 'b', 'a'], removed: true })
    expect(answer).toEqual({ status: 200, body: { tickets: 2 } })
    expect(commits.map(({ hints, dueAt }) => [hints, dueAt])).toEqual([
      [
        [
          {
            sourceKey: 'desk',
            deliveryId: 'd-1',
            removed: true,
            requestId: 'request-1',
            receivedAt: '2024-06-01T12:00:00.000Z',
            tickets: [
              { sourceKey: 'desk', tenant: 'eu', externalId: 'a' },
              { sourceKey: 'desk', tenant: 'eu', externalId: 'b' },
            ],
          },
        ],
        '2024-06-01T12:00:00.250Z',
      ],
    ])
    expect(counted).toEqual(['hints_total desk received'])
    expect(stored).toEqual(['desk'])
    expect(observed).toMatchObject([['webhook_ack_seconds', expect.any(Number), { source: 'desk' }]])
    const [[, seconds]] = observed as [[string, number]]
    expect(seconds).toBeGreaterThanOrEqual(0)
    // In seconds, not milliseconds since the process began.
    expect(seconds).toBeLessThan(10)
  })

  test('is in the empty tenant where the source has none', async () => {
    const { receive, commits } = intakeOf({ tenant: null })
    await receive({ ticketIds: ['a'] })
    expect(commits[0]!.hints[0]!.tickets).toEqual([{ sourceKey: 'desk', tenant: '', externalId: 'a' }])
  })

  test('that was stored before is acknowledged, and no read begins', async () => {
    const { receive, counted, stored } = intakeOf()
    await receive({ deliveryId: 'd-1', ticketIds: ['a'] })
    expect(await receive({ deliveryId: 'd-1', ticketIds: ['a'] })).toEqual({ status: 200, body: { tickets: 1 } })
    expect(counted).toEqual(['hints_total desk received', 'hints_total desk duplicate'])
    expect(stored).toEqual(['desk'])
  })

  test('that names no ticket is stored, so that its repetition is known, and no read begins', async () => {
    const { receive, commits, counted, stored } = intakeOf()
    expect(await receive({ deliveryId: 'd-1' })).toEqual({ status: 200, body: { tickets: 0 } })
    expect([commits.length, counted, stored]).toEqual([1, ['hints_total desk empty'], []])
  })

  test('with a wrong secret is refused, and nothing is stored', async () => {
    const { receive, commits, counted } = intakeOf()
    await expect(receive({ ticketIds: ['a'] }, 'wrong')).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message:
        'The signature or secret of this webhook is missing or wrong. Compare it with the secret of the source "desk". Nothing was stored.',
    })
    expect([commits, counted]).toEqual([[], ['hints_total desk unauthorised']])
  })

  test('to an unknown source is 404', async () => {
    const { intake } = intakeOf()
    expect([intake.has('desk'), intake.has('other')]).toEqual([true, false])
    expect(await intake.receive('other', request({}), 'request-1')).toEqual({
      status: 404,
      body: { error: 'No webhook source has this key. Check the end of the address.' },
    })
  })
})

describe('a webhook that cannot be read is acknowledged and logged', () => {
  test.each<[string, Partial<ChangeHint> | Error, string]>([
    ['because it has no tickets', new EventProblem('`tickets` is no list'), '`tickets` is no list'],
    ['because it is not JSON', new JsonProblem('It is not JSON.'), 'It is not JSON.'],
    ['because one id is none', { ticketIds: ['a', '../users'] }, 'it names a ticket by text that is no id of this source'],
  ])('%s', async (_, hint, problem) => {
    const { receive, commits, counted, lines } = intakeOf()
    expect(await receive(hint)).toEqual({ status: 200, body: { tickets: 0 } })
    expect([commits, counted]).toEqual([[], ['hints_total desk unreadable']])
    expect(lines).toEqual([
      [{ source: 'desk', requestId: 'request-1', problem }, 'a webhook could not be read; polling finds what it was about'],
    ])
  })

  test('but a fault of the gateway is not hidden', async () => {
    await expect(intakeOf().receive(new TypeError('x is undefined'))).rejects.toThrow('x is undefined')
  })
})

describe('the commits of hints', () => {
  test('are shared by those that arrive meanwhile, 200 at most, and each webhook gets its own result', async () => {
    const { receive, commits, counted } = intakeOf({ commitsAtOnce: false })
    const answers = Array.from({ length: 202 }, (_, n) => receive({ ticketIds: [`t-${n}`] }))
    expect(commits.map(({ hints }) => hints.length)).toEqual([1])
    commits[0]!.end([true])
    await expect.poll(() => commits.length).toBe(2)
    expect(commits[1]!.hints).toHaveLength(200)
    commits[1]!.end(Array.from({ length: 200 }, (_, n) => n !== 0))
    await expect.poll(() => commits.length).toBe(3)
    expect(commits[2]!.hints).toMatchObject([{ tickets: [{ externalId: 't-201' }] }])
    commits[2]!.end([true])
    await Promise.all(answers)
    expect(counted.filter((line) => line.endsWith('duplicate'))).toHaveLength(1)
    expect(counted.filter((line) => line.endsWith('received'))).toHaveLength(201)
  })

  test('that fail reject their webhooks, and later ones are stored', async () => {
    const { receive, commits, stored } = intakeOf({ commitsAtOnce: false })
    const first = receive({ ticketIds: ['a'] })
    const second = receive({ ticketIds: ['b'] })
    commits[0]!.fail(new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be reached.'))
    await expect(first).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await expect.poll(() => commits.length).toBe(2)
    commits[1]!.end([true])
    expect(await second).toMatchObject({ status: 200 })
    expect(stored).toEqual(['desk'])
    const third = receive({ ticketIds: ['c'] })
    commits[2]!.end([true])
    expect(await third).toMatchObject({ status: 200 })
  })

  test('have no more than 5,000 webhooks before them; the next one is asked to come again', async () => {
    const { receive, commits } = intakeOf({ commitsAtOnce: false })
    const waiting = Array.from({ length: 5_001 }, () => receive({ ticketIds: ['a'] }))
    await expect(receive({ ticketIds: ['a'] })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: 'Too many webhooks are waiting to be stored. Send this request again after one second.',
      retryAfter: 1,
    })
    for (let commit = 0; commit < 26; commit++) {
      await expect.poll(() => commits.length, { interval: 1 }).toBe(commit + 1)
      commits[commit]!.end([])
    }
    await Promise.all(waiting)
    expect(commits.reduce((sum, { hints }) => sum + hints.length, 0)).toBe(5_001)
  })
})

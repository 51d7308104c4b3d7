import { describe, expect, test, vi } from 'vitest'
import type { Logger, Metrics } from '../../src/domain/telemetry.ts'
import { createIngestionService } from '../../src/ingestion/ingestion-service.ts'
import type { WebhookHandler, WebhookRequest } from '../../src/sources/webhook-handler.ts'
import { createTestClock } from '../support/ingestion-fixture.ts'
import { createMemoryEvents, deskHandler, inboxEventOf, keyOf, said } from './memory-events.ts'

const noon = '2024-06-01T12:00:00.000Z'
const request = (body: string, secret = 'right'): WebhookRequest => ({
  rawBody: Buffer.from(body),
  contentType: 'application/json',
  headers: {},
  query: { secret },
})

/** The ingestion of one desk, in memory. */
function ingestionOf(changes: Partial<WebhookHandler> = {}) {
  const memory = createMemoryEvents()
  const counted: string[] = []
  const observed: unknown[][] = []
  const lines: unknown[][] = []
  const ingestion = createIngestionService({
    store: { events: memory.store, changeLog: { shared: false } },
    webhookHandlers: [{ ...deskHandler, ...changes }],
    metrics: {
      count: (name: string, labels: object) => void counted.push([name, ...Object.values(labels)].join(' ')),
      observe: (...args: unknown[]) => void observed.push(args),
    } as unknown as Metrics,
    logger: { warn: (...args: unknown[]) => void lines.push(args) } as unknown as Logger,
    clock: createTestClock(noon),
  })
  return { memory, ingestion, counted, observed, lines }
}

describe('a webhook', () => {
  test('is acknowledged with the number of its events after their commit, and they are applied', async () => {
    const { memory, ingestion, observed } = ingestionOf()
    expect(await ingestion.receive('desk', request(`${said('a')}\n${said('b')}`))).toEqual({ status: 200, body: { accepted: 2 } })
    await ingestion.idle()
    expect(memory.states()).toEqual(['APPLIED', 'APPLIED'])
    expect(memory.ticket('a')?.title).toBe('said')
    expect(memory.changes().map(({ at }) => at)).toEqual([noon, noon])
    expect(observed).toEqual([['webhook_ack_seconds', expect.any(Number), { source: 'desk' }]])
    const [[, seconds]] = observed as [[string, number]]
    // In seconds, and only of this request.
    expect(seconds).toBeGreaterThanOrEqual(0)
    expect(seconds).toBeLessThan(2)
  })

  test('with a wrong secret is refused, counted, and stores nothing', async () => {
    const { memory, ingestion, counted } = ingestionOf()
    await expect(ingestion.receive('desk', request(said('a'), 'wrong'))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'The signature or secret of this webhook is missing or wrong. Nothing was stored.',
    })
    expect(counted).toEqual(['webhook_events_total desk unauthorised'])
    expect(memory.states()).toEqual([])
  })

  test('to a source that sends none is 404', async () => {
    expect(await ingestionOf().ingestion.receive('other', request('{}'))).toEqual({
      status: 404,
      body: { error: 'No webhook source has this key. Check the end of the address.' },
    })
  })

  test('whose event cannot be decoded is acknowledged, and the dead letter is counted and logged', async () => {
    const { memory, ingestion, counted, lines } = ingestionOf()
    expect(await ingestion.receive('desk', request(`{}\n${said('a')}`))).toMatchObject({ status: 200, body: { accepted: 2 } })
    await ingestion.idle()
    expect(memory.letters()).toMatchObject([{ problem: 'It has no id.', receivedAt: noon }])
    expect(memory.states()).toEqual(['APPLIED'])
    expect(counted).toEqual(['webhook_events_total desk quarantined', 'webhook_events_total desk applied'])
    expect(lines).toEqual([[{ source: 'desk', problem: 'It has no id.' }, 'an event became a dead letter; see the quarantine']])
  })

  test('is refused before it is decoded when it has more than 64 MiB', async () => {
    const { ingestion } = ingestionOf({
      split: () => {
        throw new Error('it was decoded')
      },
    })
    const huge = { ...request(''), rawBody: { length: 64 * 1024 * 1024 + 1 } as Buffer }
    await expect(ingestion.receive('desk', huge)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })
})

describe('a source that wants the result of each event', () => {
  const perItem = { answersPerItem: true }

  test('gets them in the order of the events, after all of them are applied', async () => {
    const { ingestion } = ingestionOf({
      ...perItem,
      reduce: (event, context) =>
        (event.payload as { title: string }).title === 'old'
          ? { outcome: 'UNCHANGED', why: 'SUPERSEDED', state: null }
          : deskHandler.reduce(event, context),
    })
    const body = [said('a'), '{}', said('b', 'old'), said('c', 'bad')].join('\n')
    expect(await ingestion.receive('desk', request(body))).toEqual({
      status: 202,
      body: {
        results: [
          { index: 0, outcome: 'KEPT' },
          { index: 1, outcome: 'QUARANTINED', problem: 'It has no id.' },
          { index: 2, outcome: 'UNCHANGED' },
          { index: 3, outcome: 'QUARANTINED' },
        ],
      },
    })
  })

  test('is answered after five seconds although an event is not applied yet, which then counts as kept', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { memory, ingestion } = ingestionOf(perItem)
      memory.beforeTransaction = () => new Promise(() => {})
      let answer: unknown = null
      void ingestion.receive('desk', request(said('a'))).then((response) => {
        answer = response
      })
      const settle = async () => {
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      }
      await settle()
      await vi.advanceTimersByTimeAsync(4_999)
      await settle()
      expect(answer).toBeNull()
      await vi.advanceTimersByTimeAsync(1)
      await settle()
      expect(answer).toEqual({ status: 202, body: { results: [{ index: 0, outcome: 'KEPT' }] } })
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('events that were left behind', () => {
  test('are applied at the start', async () => {
    const { memory, ingestion } = ingestionOf()
    memory.add([inboxEventOf('a')])
    await ingestion.start()
    await ingestion.idle()
    expect(memory.states()).toEqual(['APPLIED'])
    await ingestion.stop()
  })

  test('are applied when their ticket is scheduled, until the service stops', async () => {
    const { memory, ingestion } = ingestionOf()
    memory.add([inboxEventOf('a')])
    ingestion.schedule([keyOf('a')])
    await ingestion.idle()
    expect(memory.states()).toEqual(['APPLIED'])
    await ingestion.stop()
    memory.add([inboxEventOf('b')])
    ingestion.schedule([keyOf('b')])
    await ingestion.idle()
    expect(memory.states()).toEqual(['APPLIED', 'PENDING'])
  })
})

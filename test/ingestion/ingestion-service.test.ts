import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { storeTicket } from '../fixtures/rbi/store-ticket.ts'
import { vccAdd } from '../fixtures/vcc/samples.ts'
import { countingMetrics } from '../support/call.ts'
import { openTestStore } from '../support/databases.ts'
import { createIngestionFixture, createTestClock, findTestSource, vccEvent, wasabiEvent } from '../support/ingestion-fixture.ts'

const clock = createTestClock()
let store: Store
let fixture: ReturnType<typeof createIngestionFixture>

beforeAll(async () => {
  store = await openTestStore({ findSource: findTestSource, clock })
  fixture = createIngestionFixture(store, clock)
}, 120_000)
afterAll(() => store.close())

describe('the ingestion service', () => {
  test('stores nothing of a webhook without the right credentials (WEBHOOK-01)', async () => {
    await expect(fixture.send('vcc', vccAdd, { query: { 'secret-key': 'no' } })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'The signature or secret of this webhook is missing or wrong. Nothing was stored.',
    })
    expect(await fixture.ticket('vcc', '130-21')).toBeNull()
    expect(await fixture.listDeadLetters()).toEqual([])
  })

  test('answers 404 for a source that sends no webhooks (WEBHOOK-13)', async () => {
    expect(await fixture.send('oneview', '{}')).toMatchObject({ status: 404 })
  })

  test('answers Wasabi with a result per event: good events are kept, the others become dead letters', async () => {
    const body = `[${wasabiEvent('w1')}, ${wasabiEvent('w2', { updatedAt: 'soon' })}, ${wasabiEvent('w1')}]`
    expect(await fixture.send('wasabi', body)).toEqual({
      status: 202,
      body: {
        results: [
          { index: 0, outcome: 'KEPT' },
          { index: 1, outcome: 'QUARANTINED', problem: '`body.updatedAt` is not an ISO 8601 time.' },
          { index: 2, outcome: 'UNCHANGED' },
        ],
      },
    })
    expect(await fixture.ticket('wasabi', 'w1')).toMatchObject({ status: 'OPEN' })
  })

  test('counts values that the model has no word for, once for each event', async () => {
    const metrics = countingMetrics()
    const { send } = createIngestionFixture(store, clock, metrics)
    const unknown = (source: string, field?: string) => metrics.total('unknown_values_total', { source, ...(field && { field }) })
    await send('vcc', vccEvent('add', 70, { status: 'melted', subStatus: 'waiting4moon' }))
    await send('vcc', vccEvent('update', 70, { title: 'its status is not said again' }))
    await send('vcc', vccEvent('update', 70, { status: 'park', subStatus: 'waiting4agent', description: null }))
    expect([unknown('vcc', 'status'), unknown('vcc', 'subStatus'), unknown('vcc')]).toEqual([1, 1, 2])
    const odd = { status: 'ASLEEP', ticketOrigin: 'pigeon', reason: { type: 'GHOSTS' } }
    await send('wasabi', wasabiEvent('u1', odd))
    await send('wasabi', wasabiEvent('u1', odd))
    await send('wasabi', wasabiEvent('u2', { ticketOrigin: 'zendesk', reason: { type: 'LATE_DELIVERY' } }))
    await send('wasabi', wasabiEvent('u3', { reason: { type: 'CANCELLATION', subscriptionContractIds: [] } }))
    expect(['status', 'channel', 'reason'].map((field) => unknown('wasabi', field))).toEqual([1, 1, 1])
    expect(unknown('wasabi')).toBe(3)
    const raised = (id: string, source: string) =>
      JSON.stringify({ ...storeTicket, data: { ...storeTicket.data, id, source }, timestamp: '2024-03-02T00:00:00Z' })
    await send('rbi', raised('unknown-1', 'drone'))
    await send('rbi', raised('unknown-2', 'app'))
    expect([unknown('rbi', 'channel'), unknown('rbi')]).toEqual([1, 1])
  })
})

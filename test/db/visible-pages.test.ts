import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { createDeliveryStore } from '../../src/db/repositories/deliveries.ts'
import type { NewDelivery } from '../../src/delivery/delivery-store.ts'
import { testEngines } from '../support/engines.ts'
import { createIngestionFixture, createTestClock, findTestSource } from '../support/ingestion-fixture.ts'

// Lists of what belongs to several sources, for somebody who may see some of them: a page is as long as it was asked for, as long as there is more.

const at = '2024-06-01T12:00:00.000Z'

describe.each(testEngines)('on $name', ({ open }) => {
  const clock = createTestClock(at)
  let store: Store
  let close: () => Promise<void>
  beforeAll(async () => {
    ;({ store, close } = await open({ findSource: findTestSource, clock }))
  }, 60_000)
  afterAll(() => close())

  test('a page of deliveries holds as many of these sources as it was asked for', async () => {
    const deliveries = createDeliveryStore(store.db)
    const made: NewDelivery[] = Array.from({ length: 8 }, (_, n) => {
      const sourceKey = n % 2 === 0 ? 'rbi' : 'other'
      return { id: `d${n}`, sourceKey, market: 'm', ticketId: `t${n}`, partner: 'p', event: 'e', body: '{}', createdAt: at }
    })
    await store.transaction((tx) => deliveries.add(tx, made))
    const list = async (sourceKeys: readonly string[] | null, after: string | null = null) => {
      const { items, hasNextPage } = await deliveries.list({ first: 3, after, states: ['PENDING'], sourceKeys })
      return { ids: items.map(({ node }) => node.id), hasNextPage, end: items.at(-1)?.cursor ?? null }
    }
    const first = await list(['rbi'])
    expect(first).toMatchObject({ ids: ['d6', 'd4', 'd2'], hasNextPage: true })
    expect(await list(['rbi'], first.end)).toMatchObject({ ids: ['d0'], hasNextPage: false })
    expect(await list(['rbi', 'other'])).toMatchObject({ ids: ['d7', 'd6', 'd5'], hasNextPage: true })
    expect(await list(null)).toMatchObject({ ids: ['d7', 'd6', 'd5'] })
    expect(await list([])).toMatchObject({ ids: [], hasNextPage: false })
  })

  test('so does a page of quarantined events, none of which is of a source that is not configured', async () => {
    const { deadLetters } = createIngestionFixture(store, clock)
    const sources = ['vcc', 'rbi', 'gone']
    const held = Array.from({ length: 9 }, (_, n) => ({
      sourceKey: sources[n % 3]!,
      eventId: null,
      raw: Buffer.from(String(n)),
      problem: 'odd',
      receivedAt: at,
    }))
    await store.events.insert([], held)
    const list = async (sourceKeys: readonly string[] | null) => {
      const { items, hasNextPage } = await deadLetters.list({ first: 2, after: null, sourceKeys })
      return { bodies: items.map(({ node }) => node.body), hasNextPage }
    }
    expect(await list(['vcc'])).toEqual({ bodies: [6, 3], hasNextPage: true })
    expect(await list(['gone'])).toEqual({ bodies: [], hasNextPage: false })
    expect(await list(null)).toEqual({ bodies: [7, 6], hasNextPage: true })
    expect(await list([])).toEqual({ bodies: [], hasNextPage: false })
  })
})

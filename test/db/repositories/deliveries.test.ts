import { expect, test } from 'vitest'
import type { NewDelivery } from '../../../src/delivery/delivery-store.ts'
import { testEngines } from '../../support/engines.ts'
import { findTestSource } from '../../support/ingestion-fixture.ts'

const at = '2024-06-01T12:00:00.000Z'

test.each(testEngines)(
  'on $name a page of deliveries of some sources is full as long as there are more of them',
  async (engine) => {
    const { store, close } = await engine.open({ findSource: findTestSource })
    const added: NewDelivery[] = Array.from({ length: 8 }, (_, n) => {
      const sourceKey = n % 2 === 0 ? 'rbi' : 'other'
      return {
        id: `d${n}`,
        sourceKey,
        market: 'm',
        ticketId: `t${n}`,
        partner: `p${n % 4}`,
        event: 'e',
        body: '{}',
        createdAt: at,
      }
    })
    await store.transaction((tx) => store.deliveries.add(tx, added))
    const list = async (sourceKeys: readonly string[] | null, after: string | null = null) => {
      const { items, hasNextPage } = await store.deliveries.list({ first: 3, after, states: ['PENDING'], sourceKeys })
      return { ids: items.map(({ node }) => node.id), hasNextPage, end: items.at(-1)?.cursor ?? null }
    }
    const first = await list(['rbi'])
    expect(first).toMatchObject({ ids: ['d6', 'd4', 'd2'], hasNextPage: true })
    expect(await list(['rbi'], first.end)).toMatchObject({ ids: ['d0'], hasNextPage: false })
    expect(await list(['rbi', 'other'])).toMatchObject({ ids: ['d7', 'd6', 'd5'], hasNextPage: true })
    expect(await list(null)).toMatchObject({ ids: ['d7', 'd6', 'd5'] })
    expect(await list([])).toMatchObject({ ids: [], hasNextPage: false })
    const ofPartner = await store.deliveries.list({ first: 3, after: null, states: null, partner: 'p2', sourceKeys: null })
    expect(ofPartner.items.map(({ node }) => node.id)).toEqual(['d6', 'd2'])
    await close()
  },
  60_000,
)

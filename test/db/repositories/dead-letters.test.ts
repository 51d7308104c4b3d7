import { expect, test } from 'vitest'
import { testEngines } from '../../support/engines.ts'
import { createIngestionFixture, createTestClock, findTestSource } from '../../support/ingestion-fixture.ts'

const at = '2024-06-01T12:00:00.000Z'

test.each(testEngines)(
  'on $name a page of dead letters of some sources is full as long as there are more, without those of unconfigured sources',
  async (engine) => {
    const clock = createTestClock(at)
    const { store, close } = await engine.open({ findSource: findTestSource, clock })
    const { deadLetters } = createIngestionFixture(store, clock)
    const sourceKeys = ['vcc', 'rbi', 'gone']
    const added = Array.from({ length: 9 }, (_, n) => ({
      sourceKey: sourceKeys[n % 3]!,
      eventId: null,
      raw: Buffer.from(String(n)),
      problem: 'odd',
      receivedAt: at,
    }))
    await store.events.insert([], added)
    const list = async (sourceKeys: readonly string[] | null) => {
      const { items, hasNextPage } = await deadLetters.list({ first: 2, after: null, sourceKeys })
      return { bodies: items.map(({ node }) => node.body), hasNextPage }
    }
    expect(await list(['vcc'])).toEqual({ bodies: [6, 3], hasNextPage: true })
    expect(await list(['gone'])).toEqual({ bodies: [], hasNextPage: false })
    expect(await list(null)).toEqual({ bodies: [7, 6], hasNextPage: true })
    expect(await list([])).toEqual({ bodies: [], hasNextPage: false })
    await close()
  },
  60_000,
)

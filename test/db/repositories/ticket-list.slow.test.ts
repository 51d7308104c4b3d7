import { expect, test } from 'vitest'
import { countLimit } from '../../../src/db/repositories/ticket-list.ts'
import { toUnknownTicket } from '../../../src/sources/mapped-ticket.ts'
import { testEngines } from '../../support/engines.ts'
import { findTestSource, vccInfo } from '../../support/ingestion-fixture.ts'

const origin = { source: vccInfo, tenant: 'counted', observedAt: '2024-06-01T12:00:00.000Z' }

test.each(testEngines)(
  'on $name a list counts its tickets up to a limit, and gives no count above it',
  async (engine) => {
    const { store, close } = await engine.open({ findSource: findTestSource })
    const save = (from: number, count: number) =>
      store.transaction((tx) =>
        tx.saveTickets(
          Array.from({ length: count }, (_, n) => {
            const ticket = toUnknownTicket(`1-${from + n}`, origin, {})
            return { ticket: { ...ticket, tags: from + n < 3 ? ['few'] : [] }, state: null, submission: null }
          }),
        ),
      )
    const order = { field: 'UPDATED_AT', direction: 'DESC' } as const
    const page = { filter: {}, order, position: null, limit: 1 }
    await save(0, countLimit)
    expect(await store.tickets.list('vcc', page)).toMatchObject({ totalCount: countLimit, end: false })
    await save(countLimit, 1)
    expect(await store.tickets.list('vcc', page)).toMatchObject({ totalCount: null, end: false })
    expect(await store.tickets.list('vcc', { ...page, filter: { tags: ['few'] } })).toMatchObject({ totalCount: 3 })
    expect(await store.tickets.list('vcc', { ...page, filter: { tags: ['few'] }, counted: false })).toMatchObject({
      totalCount: null,
      tickets: [expect.anything()],
    })
    await close()
  },
  120_000,
)

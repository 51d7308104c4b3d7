import { expect, it } from 'vitest'
import { noMetrics } from '../../src/domain/telemetry.ts'
import { createTicketLoader, refOf } from '../../src/tickets/ticket-loader.ts'
import { someCall } from '../support/call.ts'
import { createMemorySource } from '../support/memory-source.ts'

it('reads linked tickets as lists have them, all in one call, and the full ticket once it is known', async () => {
  const asked: string[][] = []
  const plain = createMemorySource('desk')
  const tickets = ['1', '2', '3'].map((id) => plain.put(id))
  const source = {
    ...plain,
    loadSummaries: async (refs: readonly { readonly externalId: string }[]) => {
      asked.push(refs.map(({ externalId }) => externalId))
      return refs.map(({ externalId }) => ({ ...tickets[Number(externalId) - 1]!, isSummary: true }))
    },
  }
  const loader = createTicketLoader(someCall(), noMetrics)
  const [one, two, three] = tickets.map(refOf)
  expect((await loader.load(source, one!))?.isSummary).toBe(false)
  const linked = await Promise.all([one, two, three, two].map((ref) => loader.loadSummary(source, ref!)))
  expect(linked.map((ticket) => ticket?.isSummary)).toEqual([false, true, true, true])
  expect(asked).toEqual([['2', '3']])
  loader.clear(source, two!)
  await loader.loadSummary(source, two!)
  expect(asked).toEqual([['2', '3'], ['2']])
})

it('reads the full ticket where its source reads single tickets only', async () => {
  const source = createMemorySource('desk')
  const ref = refOf(source.put('1'))
  expect((await createTicketLoader(someCall(), noMetrics).loadSummary(source, ref))?.isSummary).toBe(false)
})

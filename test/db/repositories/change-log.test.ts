import { expect, test } from 'vitest'
import { encodeId } from '../../../src/domain/ids.ts'
import type { Actor } from '../../../src/domain/ticket.ts'
import { testEngines } from '../../support/engines.ts'
import { findTestSource } from '../../support/ingestion-fixture.ts'
import { toTicket } from '../../support/memory-ticket.ts'

const at = '2024-06-01T12:00:00.000Z'
const agent: Actor = { kind: 'AGENT', externalId: 'ann', name: 'Ann' }

test.each(testEngines)(
  'on $name entries of the change log are found by their global ids, also with an actor of version 0.1',
  async (engine) => {
    const { store, close } = await engine.open({ findSource: findTestSource })
    const ticket = toTicket(findTestSource('vcc')!, '1-1')
    const change = { kind: 'UPDATED', ticket, before: null, at, actor: agent } as const
    await store.transaction((tx) =>
      tx.record([
        { ...change, summary: 'one' },
        { ...change, summary: 'two' },
      ]),
    )
    // Version 0.1 called the actor's external id "id".
    await store.transaction((tx) =>
      tx.executeSql(`update journal set actor = '{"kind":"AGENT","id":"bob","name":null}' where summary = 'two'`),
    )
    const { items } = await store.changeLog.eventsOf(ticket.id, { first: 10, after: null })
    const [one, two] = items.map(({ node }) => node.id) as [string, string]
    const unknown = [encodeId('event', 'vcc', '', '999'), encodeId('event', 'rbi', '', '1'), encodeId('event', 'vcc', '', 'x')]
    const found = await store.changeLog.findEvents([two, ...unknown, one])
    expect(found).toMatchObject([
      { id: two, summary: 'two', actor: { kind: 'AGENT', externalId: 'bob', name: null } },
      null,
      null,
      null,
      { id: one, summary: 'one', actor: agent },
    ])
    expect(await store.changeLog.findEvents(unknown.slice(2))).toEqual([null])
    await close()
  },
  60_000,
)

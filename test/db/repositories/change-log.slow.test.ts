import type { KyselyPlugin } from 'kysely'
import { expect, test } from 'vitest'
import { createChangeLog } from '../../../src/db/repositories/change-log.ts'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import type { EventWindow, NumberedEvent } from '../../../src/domain/events.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import type { Range } from '../../../src/domain/page.ts'
import type { Actor, Ticket } from '../../../src/domain/ticket.ts'
import { testEngines } from '../../support/engines.ts'
import { readHistory } from '../../support/history.ts'
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
    const { items } = await readHistory(store.changeLog, ticket.id)
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

test.each(testEngines)(
  'on $name the history of a ticket is read from both ends, by number and by time',
  async (engine) => {
    const { store, close } = await engine.open({ findSource: findTestSource })
    const ticket = toTicket(findTestSource('vcc')!, '1-1')
    const other = toTicket(findTestSource('vcc')!, '1-2')
    const minutes = [1, 4, 2, 4, 3]
    const timeOf = (minute: number) => `2024-06-01T12:0${minute}:00.000Z`
    const changes = minutes.map((minute, index) => {
      const kind = index === 1 ? 'MESSAGE' : 'UPDATED'
      return { kind, ticket, before: null, at: timeOf(minute), actor: null, summary: `${index}` } as const
    })
    await store.transaction((tx) => tx.record([...changes, { ...changes[0]!, ticket: other, summary: 'other' }]))
    const { changeLog } = store
    const page = async (range: Partial<Range>) => {
      const { items, ...rest } = await readHistory(changeLog, ticket.id, range)
      return { items, summaries: items.map(({ node }) => node.summary).join(), ...rest }
    }
    const all = await page({})
    expect(all).toMatchObject({ summaries: '0,1,2,3,4', hasNextPage: false, hasPreviousPage: false })
    const end = await page({ from: 'end', size: 2 })
    expect(end).toMatchObject({ summaries: '3,4', hasNextPage: false, hasPreviousPage: true })
    const [first, , third, fourth] = all.items.map(({ cursor }) => cursor)
    expect(await page({ from: 'end', size: 2, before: fourth! })).toMatchObject({ summaries: '1,2', hasNextPage: true })
    expect(await page({ after: first!, before: fourth! })).toMatchObject({ summaries: '1,2', hasPreviousPage: true })
    expect(await page({ size: 0, after: third! })).toMatchObject({ summaries: '', hasNextPage: true })
    await expect(page({ before: 'x' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })

    const byTime = async (window: Partial<EventWindow>) => {
      const part: EventWindow = { from: 'start', limit: 10, after: null, before: null, kinds: ['UPDATED', 'MESSAGE'], ...window }
      const [events] = await changeLog.eventsByTime([{ ticketId: ticket.id, part }])
      return events!
    }
    const summaries = (events: readonly NumberedEvent[]) => events.map(({ event }) => event.summary).join()
    const ordered = await byTime({})
    expect(summaries(ordered)).toBe('0,2,4,1,3')
    expect(summaries(await byTime({ from: 'end', limit: 2 }))).toBe('1,3')
    expect(summaries(await byTime({ kinds: ['UPDATED'] }))).toBe('0,2,4,3')
    // Of the two events of minute 4, the bound names the first.
    const bound = { at: timeOf(4), seq: ordered[3]!.seq }
    expect(summaries(await byTime({ after: bound }))).toBe('3')
    expect(summaries(await byTime({ from: 'end', limit: 1, before: bound }))).toBe('4')

    // Several tickets, each with its own bounds: one statement for each end.
    const statements: string[] = []
    const counting: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        statements.push('read')
        return result
      },
    }
    const counted = createChangeLog(store.db.withPlugin(counting), findTestSource, { isShared: false }).changeLog
    const whole: EventWindow = { from: 'end', limit: 3, after: null, before: null, kinds: ['UPDATED'] }
    const windows = [
      { ticketId: other.id, part: whole },
      { ticketId: ticket.id, part: whole },
      { ticketId: ticket.id, part: { ...whole, before: bound } },
      { ticketId: 'unknown', part: whole },
      { ticketId: ticket.id, part: { ...whole, from: 'start' } },
    ] as const
    expect((await counted.eventsByTime(windows)).map(summaries)).toEqual(['other', '2,4,3', '0,2,4', '', '0,2,4'])
    expect(statements).toHaveLength(2)
    const range: Range = { from: 'end', size: 2, after: null, before: null }
    const pages = await counted.eventsOf([
      { ticketId: ticket.id, part: range },
      { ticketId: ticket.id, part: { ...range, before: 'x' } },
      { ticketId: other.id, part: range },
    ])
    const shown = pages.map((page) =>
      page instanceof DeskgraphError ? page.code : page.items.map(({ node }) => node.summary).join(),
    )
    expect(shown).toEqual(['3,4', 'BAD_USER_INPUT', 'other'])
    expect(statements).toHaveLength(3)
    expect([await counted.eventsOf([]), await counted.eventsByTime([])]).toEqual([[], []])
    await close()
  },
  60_000,
)

test.each(testEngines)(
  'DECISION-36: on $name the latest escalation of each ticket tells its department',
  async (engine) => {
    const { store, close } = await engine.open({ findSource: findTestSource })
    const vcc = findTestSource('vcc')!
    const [twice, elsewhere, never] = ['1-1', '1-2', '1-3'].map((id) => toTicket(vcc, id, { status: 'ESCALATED' })) as [
      Ticket,
      Ticket,
      Ticket,
    ]
    const escalate = (ticket: Ticket, department?: string) => {
      const asked = department === undefined ? [] : [{ field: 'escalation', before: null, after: department }]
      return { kind: 'ESCALATED', ticket, before: null, at, actor: agent, summary: 'Escalated', asked } as const
    }
    const updated = { ...escalate(twice, 'lost'), kind: 'UPDATED' } as const
    const changes = [escalate(twice, 'a'), escalate(elsewhere, 'a'), escalate(twice, 'b'), escalate(elsewhere), updated]
    await store.transaction((tx) => tx.record(changes))
    expect(await store.changeLog.departmentsOf([never.id, elsewhere.id, twice.id])).toEqual([null, null, 'b'])
    await close()
  },
  60_000,
)

test.each(testEngines)(
  'DECISION-35: on $name an entry lists changes only against a known ticket, and one of version 0.1 that does not is read as null',
  async (engine) => {
    const { store, close } = await engine.open({ findSource: findTestSource })
    const vcc = findTestSource('vcc')!
    const [open, closed] = [toTicket(vcc, '1-1', { title: 'Late' }), toTicket(vcc, '1-1', { title: 'Late', status: 'CLOSED' })]
    const change = { kind: 'CLOSED', ticket: closed, at, actor: agent, summary: 'Closed' } as const
    const asked = [{ field: 'assignee', before: null, after: 'ann' }]
    await store.transaction((tx) =>
      tx.record([
        { ...change, before: null },
        { ...change, before: open },
        { ...change, before: null, asked },
        { ...change, before: null, summary: 'old, unknown' },
        { ...change, before: open, summary: 'old, known' },
      ]),
    )
    const stored = await store.transaction((tx) => tx.executeSql('select changes from journal'))
    // STORAGE-11: version 0.1.0 reads nothing but lists.
    for (const { changes } of stored.rows) expect(JSON.parse(String(changes))).toBeInstanceOf(Array)
    const write = (summary: string, changes: object) =>
      store.transaction((tx) =>
        tx.executeSql('update journal set changes = $1 where summary = $2', [JSON.stringify(changes), summary]),
      )
    await write('old, unknown', [
      { field: 'title', before: null, after: 'Late' },
      { field: 'status', before: null, after: 'CLOSED' },
    ])
    await write('old, known', [{ field: 'title', before: null, after: 'Late' }])
    const closing = [{ field: 'status', before: 'OPEN', after: 'CLOSED' }]
    const expected = [null, closing, asked, null, [{ field: 'title', before: null, after: 'Late' }]]
    const { items } = await readHistory(store.changeLog, open.id)
    expect(items.map(({ node }) => node.changes)).toEqual(expected)
    const slice = await store.changeLog.read(0, 10)
    expect(slice.changes.map(({ change }) => change.event.changes)).toEqual(expected)
    expect(store.changeLog.parseCursor(await store.changeLog.latestCursor())).toBe(slice.lastSeq)
    await close()
  },
  60_000,
)

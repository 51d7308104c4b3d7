import { describe, expect, it } from 'vitest'
import type { Delivery } from '../../src/domain/delivery.ts'
import { type EventWindow, type NumberedEvent, ticketEventKinds } from '../../src/domain/events.ts'
import type { Range } from '../../src/domain/page.ts'
import { readTimeline } from '../../src/tickets/timeline.ts'
import { toMessage, toSourceInfo } from '../support/memory-ticket.ts'

const info = toSourceInfo('a')
const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`
const cursorOf = (text: string) => Buffer.from(text).toString('base64url')

const event: NumberedEvent = {
  seq: 7,
  event: { id: 'event', kind: 'UPDATED', at: at(1), actor: null, summary: '', changes: [] },
}
const messages = [toMessage(info, 'x', '0'), toMessage(info, 'x', '1', { createdAt: at(1) })]
const delivery: Delivery = {
  ...{ id: 'delivery', event: 'e', partner: 'p', state: 'PENDING', attempts: 0, lastStatus: null },
  ...{ lastError: null, nextAttemptAt: null, deliveredAt: null, createdAt: at(1) },
}

/** The entries of a timeline in their order: a message without a time, then an event, a message and a delivery of one minute. */
const entries = [
  { cursor: cursorOf(' 1 0'), node: messages[0] },
  { cursor: cursorOf(`${at(1)} 0 7`), node: event.event },
  { cursor: cursorOf(`${at(1)} 1 1`), node: messages[1] },
  { cursor: cursorOf(`${at(1)} 2 0`), node: delivery },
] as const
const cursors = entries.map(({ cursor }) => cursor)

/** Reads a part of that timeline. `windows` are the parts of the events that were asked for. */
async function read(range: Partial<Range>) {
  const windows: EventWindow[] = []
  const page = await readTimeline(
    {
      readMessages: () => messages,
      readDeliveries: () => [delivery],
      readEvents: (window) => {
        windows.push(window)
        return window.kinds.includes('UPDATED') ? [event] : []
      },
    },
    { from: 'start', size: 10, after: null, before: null, ...range },
  )
  return { ...page, cursors: page.items.map(({ cursor }) => cursor), windows }
}

describe('a page of a timeline', () => {
  it('has a cursor for each entry: its time, its kind and its place in its own list', async () => {
    expect((await read({})).items).toEqual(entries)
  })

  it.each<[string, Partial<Range>, readonly string[], boolean, boolean]>([
    ['of the whole from the start', { from: 'start', size: 4 }, cursors, false, false],
    ['of the whole from the end', { from: 'end', size: 4 }, cursors, false, false],
    ['of the first three', { from: 'start', size: 3 }, cursors.slice(0, 3), true, false],
    ['of the last three', { from: 'end', size: 3 }, cursors.slice(1), false, true],
    ['of no entry', { from: 'end', size: 0 }, [], false, true],
    ['after the second', { from: 'start', after: cursors[1]! }, cursors.slice(2), false, true],
    ['after the first, of one', { from: 'start', size: 1, after: cursors[0]! }, cursors.slice(1, 2), true, true],
    ['before the third', { from: 'end', before: cursors[2]! }, cursors.slice(0, 2), true, false],
    ['before the last, of one', { from: 'end', size: 1, before: cursors[3]! }, cursors.slice(2, 3), true, true],
    // As the Relay specification has it: with `first`, `hasNextPage` tells of what lies before `before`.
    ['between two', { from: 'start', after: cursors[0]!, before: cursors[3]! }, cursors.slice(1, 3), false, true],
  ])('%s says what else there is', async (_, range, expected, hasNextPage, hasPreviousPage) => {
    expect(await read(range)).toMatchObject({ cursors: expected, hasNextPage, hasPreviousPage })
  })

  it('reads one event more than the page has entries, once for each kind', async () => {
    const { windows } = await read({ from: 'end', size: 2 })
    const window = { from: 'end', limit: 3, after: null, before: null }
    const own = ['MESSAGE', 'DELIVERED', 'DELIVERY_FAILED'] as const
    expect(windows).toEqual([
      { ...window, kinds: ticketEventKinds.filter((kind) => !own.some((one) => one === kind)) },
      { ...window, kinds: ['MESSAGE'] },
      { ...window, kinds: ['DELIVERED', 'DELIVERY_FAILED'] },
    ])
  })

  it('reads events behind an event by its number, and behind all events of a moment after a message or a delivery', async () => {
    const last = Number.MAX_SAFE_INTEGER
    const { windows } = await read({ after: cursors[1]!, before: cursors[2]! })
    expect(windows[0]).toMatchObject({ after: { at: at(1), seq: 7 }, before: { at: at(1), seq: last } })
    const others = await read({ after: cursors[0]!, before: cursors[3]! })
    expect(others.windows[0]).toMatchObject({ after: { at: '', seq: last }, before: { at: at(1), seq: last } })
  })
})

describe('a cursor of a timeline', () => {
  it.each([
    ['with text before it', `x${at(1)} 1 1`],
    ['with text behind it', `${at(1)} 1 1x`],
    ['of an unknown kind', `${at(1)} 3 1`],
    ['of two kinds', `${at(1)} 11 1`],
    ['without a place', `${at(1)} 1 `],
    ['with a place of 16 digits', `${at(1)} 1 1234567890123456`],
    ['with a place in another form', `${at(1)} 1 01`],
    ['without a second', '2026-01-01T00:01Z 1 1'],
    ['without a zone', '2026-01-01T00:01:00.0000 1 1'],
    ['with letters as its time', 'abcd-ef-ghTij:kl:mn.opqZ 1 1'],
    ['with letters within its time', '2026-01-01Tab:cd:ef.ghiZ 1 1'],
  ])('is refused %s', async (_, text) => {
    for (const argument of ['after', 'before'] as const) {
      await expect(read({ [argument]: cursorOf(text) })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: `"${argument}" is not a cursor of this timeline.`,
      })
    }
  })

  it('may have a place of 15 digits, and has one form', async () => {
    const cursor = cursorOf(`${at(0)} 0 999999999999999`)
    expect((await read({ after: cursor })).cursors).toEqual(cursors.slice(1))
    await expect(read({ after: `${cursors[1]}=` })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })
})

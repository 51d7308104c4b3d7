import { describe, expect, test } from 'vitest'
import type { EntityRef } from '../../src/domain/ids.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import type { ChangesRequest } from '../../src/sources/source.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { noon, pollerOf } from './source-poller-fixture.ts'

describe('the export of changes', () => {
  /** A desk whose export answers these slices, one after another; the requests that it got. */
  function exporting(slices: readonly { removed?: string[]; tickets?: Ticket[]; cursor: string | null; end?: boolean }[]) {
    const requests: ChangesRequest[] = []
    const left = [...slices]
    const made = pollerOf({
      maxPageSize: 7,
      methods: {
        async changesSince(request) {
          requests.push(request)
          const { removed = [], tickets = [], cursor, end = true } = left.shift()!
          const toRef = (externalId: string): EntityRef => ({ kind: 'ticket', sourceKey: 'desk', tenant: '', externalId })
          return { tickets, removed: removed.map(toRef), cursor, end }
        },
      },
    })
    return { ...made, requests }
  }

  test('is read after the second poll, back to where the list was read, and its removals are recorded', async () => {
    const { poller, desk, requests, recorded, state } = exporting([{ removed: ['a', 'never-seen'], cursor: 'c1' }])
    desk.put('a')
    await poller.poll()
    expect(requests).toEqual([])
    await poller.poll()
    expect(requests).toEqual([{ since: '2024-06-01T10:59:56.000Z', cursor: null, limit: 7 }])
    expect(recorded()).toEqual(['DELETED a', 'DELETED never-seen'])
    expect(state.checkpoint).toMatchObject({ exportCursor: 'c1', exportedAt: noon })
  })

  test('is read once a minute, and continues at its cursor', async () => {
    const { poller, clock, requests } = exporting([{ cursor: 'c1' }, { cursor: 'c2' }])
    await poller.poll()
    await poller.poll()
    clock.advance(59_999)
    await poller.poll()
    expect(requests).toHaveLength(1)
    clock.advance(1)
    await poller.poll()
    expect(requests.map(({ cursor }) => cursor)).toEqual([null, 'c1'])
  })

  test('is read in slices, each stored before the next', async () => {
    const { poller, requests, saved } = exporting([{ cursor: 'c1', end: false }, { cursor: 'c2', end: false }, { cursor: 'c3' }])
    await poller.poll()
    await poller.poll()
    expect(requests.map(({ cursor }) => cursor)).toEqual([null, 'c1', 'c2'])
    expect(saved.slice(2)).toMatchObject([{ exportCursor: 'c1' }, { exportCursor: 'c2' }, { exportCursor: 'c3' }])
  })

  test.each([
    ['has no cursor', [{ cursor: null, end: false }], 1, null],
    [
      'repeats its cursor',
      [
        { cursor: 'c1', end: false },
        { cursor: 'c1', end: false },
      ],
      2,
      'c1',
    ],
  ])('ends at a slice that %s', async (_, slices, calls, exportCursor) => {
    const { poller, requests, state } = exporting(slices)
    await poller.poll()
    await poller.poll()
    expect(requests).toHaveLength(calls)
    expect(state.checkpoint).toMatchObject({ exportCursor })
  })

  test('has ten slices at most in one poll', async () => {
    const { poller, requests } = exporting(Array.from({ length: 11 }, (_, n) => ({ cursor: `c${n}`, end: false })))
    await poller.poll()
    await poller.poll()
    expect(requests).toHaveLength(10)
  })

  test('at first records only changes since the list was read, and later all of them', async () => {
    const old = createMemorySource('desk').put('old', { updatedAt: '2024-05-01T00:00:00.000Z', createdAt: null })
    const again = { ...old, externalId: 'old-2' }
    const { poller, clock, recorded } = exporting([
      { tickets: [old], cursor: 'c1' },
      { tickets: [again], cursor: 'c2' },
    ])
    await poller.poll()
    await poller.poll()
    expect(recorded()).toEqual([])
    clock.advance(60_000)
    await poller.poll()
    expect(recorded()).toEqual(['UPDATED old-2'])
  })
})

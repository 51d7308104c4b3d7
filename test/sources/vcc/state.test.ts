import { describe, expect, it } from 'vitest'
import { emptyState, findKnownSubStatus, mergedFields, reduceState, type VccState } from '../../../src/sources/vcc/state.ts'

type Action = 'add' | 'update' | 'delete'
const time = (second: number) => `2024-06-01T12:00:0${second}.000Z`
/** The state after an event that arrived at this second; `late`: a replayed dead letter. */
const reduced = (state: VccState, action: Action, fields: object, second: number, late?: boolean): VccState =>
  reduceState(
    state,
    { action, projectId: '130', ticketId: '21', fields: fields as Readonly<Record<string, unknown>> },
    { receivedAt: time(second), ...(late !== undefined && { late }) },
  )
const added = reduced(emptyState, 'add', { title: 'a', subStatus: 'waiting4agent' }, 1)

describe('the state of a ticket of VCC Live', () => {
  it('has a layer for each action, with the fields and when they arrived', () => {
    expect(added).toEqual({
      add: {
        fields: { title: 'a', subStatus: 'waiting4agent' },
        at: { title: time(1), subStatus: time(1) },
        ...{ knownSubStatus: 'waiting4agent', knownSubStatusAt: time(1) },
      },
      ...{ update: null, delete: null, deletedAt: null },
    })
    const updated = reduced(added, 'update', { title: 'b' }, 2)
    expect(updated).toEqual({ ...added, update: { fields: { title: 'b' }, at: { title: time(2) } } })
    const again = reduced(updated, 'update', { title: null, text: 'c' }, 3)
    expect(again.update).toEqual({ fields: { title: null, text: 'c' }, at: { title: time(3), text: time(3) } })
  })

  it('shows the fields of a delete over those of updates, and these over those of an add', () => {
    const events: [Action, object][] = [
      ['delete', { a: 'delete' }],
      ['update', { a: 'update', b: 'update', d: null }],
      ['add', { a: 'add', b: 'add', c: 'add', d: 'add' }],
    ]
    const state = events.reduce((before, [action, fields], index) => reduced(before, action, fields, index), emptyState)
    expect(mergedFields(state)).toEqual({ a: 'delete', b: 'update', c: 'add', d: null })
    expect(mergedFields(emptyState)).toEqual({})
  })

  it('merges objects, and replaces lists and other values', () => {
    const fields = { place: { city: 'A', zip: 1, geo: { x: 1 } }, list: [{ a: 1 }], text: 'a', data: { a: 1 }, gone: { a: 1 } }
    const change = { place: { city: 'B', geo: { y: 2 } }, list: [{ b: 2 }], text: { b: 2 }, data: [1], gone: null }
    const expected = {
      place: { city: 'B', zip: 1, geo: { x: 1, y: 2 } },
      list: [{ b: 2 }],
      text: { b: 2 },
      data: [1],
      gone: null,
    }
    const state = reduced(reduced(emptyState, 'update', fields, 1), 'update', change, 2)
    expect([state.update?.fields, mergedFields(state)]).toEqual([expected, expected])
    const back = reduced(state, 'update', { gone: { b: 2 } }, 3)
    expect(back.update?.fields.gone).toEqual({ b: 2 })
    expect(fields.place).toEqual({ city: 'A', zip: 1, geo: { x: 1 } })
  })

  it('takes no prototype from an event', () => {
    const state = reduced(emptyState, 'add', JSON.parse('{"__proto__":{"title":"x"},"text":"a"}'), 1)
    expect(mergedFields(state)).toEqual({ text: 'a' })
    expect(mergedFields(state).title).toBeUndefined()
  })
})

describe('a late event of VCC Live', () => {
  const state = reduced(reduced(emptyState, 'update', { title: 'a', text: 'a' }, 2), 'update', { text: 'b' }, 5)

  it('overrides what arrived before it or with it, and fills what is open', () => {
    expect(reduced(state, 'update', { title: 'late', text: 'late', type: 'late' }, 3, true).update).toEqual({
      fields: { title: 'late', text: 'b', type: 'late' },
      at: { title: time(3), text: time(5), type: time(3) },
    })
    expect(reduced(state, 'update', { title: 'late', text: 'late' }, 5, true).update?.fields).toEqual({
      title: 'late',
      text: 'late',
    })
    expect(reduced(state, 'update', { title: 'late' }, 1, true).update).toEqual(state.update)
  })

  it('overrides nothing whose arrival is not known, while any other event does', () => {
    const old: VccState = { ...emptyState, update: { fields: { title: 'a', at: null } } }
    expect(reduced(old, 'update', { title: 'late', text: 'late' }, 9, true).update).toEqual({
      ...{ fields: { title: 'a', at: null, text: 'late' }, at: { text: time(9) } },
    })
    expect(reduced(old, 'update', { title: 'b' }, 1).update?.fields.title).toBe('b')
    expect(reduced(state, 'update', { text: 'c' }, 1).update).toMatchObject({ fields: { text: 'c' }, at: { text: time(1) } })
  })

  it('fills objects without overriding what is in them', () => {
    const place = reduced(emptyState, 'update', { place: { city: 'A' } }, 5)
    expect(reduced(place, 'update', { place: { city: 'B', zip: 1 } }, 3, true).update?.fields).toEqual({
      place: { city: 'A', zip: 1 },
    })
  })
})

describe('the sub-status that decides', () => {
  const known = (...events: readonly [Action, unknown, number, boolean?][]) =>
    findKnownSubStatus(
      events.reduce(
        (state, [action, subStatus, second, late]) => reduced(state, action, { subStatus }, second, late),
        emptyState,
      ),
    )

  it('is the last one with a documented meaning, of a delete before an update before an add', () => {
    expect(known()).toBeNull()
    expect(known(['update', 'waiting4moon', 1])).toBeNull()
    expect(known(['update', 'successful', 1], ['update', 'waiting4moon', 2])).toBe('successful')
    expect(known(['update', 'successful', 1], ['update', 'waiting4agent', 2])).toBe('waiting4agent')
    expect(known(['update', 'successful', 1], ['add', 'waiting4agent', 2])).toBe('successful')
    expect(known(['delete', 'unsuccessful', 1], ['update', 'successful', 2])).toBe('unsuccessful')
  })

  it('is none where it was cleared last', () => {
    expect(known(['add', 'successful', 1], ['update', null, 2])).toBeNull()
    expect(known(['update', 'successful', 1], ['update', null, 2], ['update', 'waiting4moon', 3])).toBeNull()
  })

  it('is not that of a late event which is older', () => {
    expect(known(['update', 'successful', 3], ['update', 'waiting4agent', 2, true])).toBe('successful')
    expect(known(['update', 'successful', 3], ['update', 'waiting4agent', 3, true])).toBe('waiting4agent')
    expect(known(['update', null, 3], ['update', 'waiting4agent', 2, true])).toBeNull()
    // One that says nothing of it does not count.
    expect(known(['update', 'waiting4moon', 3], ['update', 'waiting4agent', 2, true])).toBe('waiting4agent')
  })
})

describe('the time of a delete', () => {
  it('is that of the first one', () => {
    const deleted = reduced(added, 'delete', {}, 3)
    expect(deleted).toMatchObject({ deletedAt: time(3), delete: { fields: {}, at: {} } })
    expect(reduced(deleted, 'update', { title: 'b' }, 4).deletedAt).toBe(time(3))
    expect(reduced(deleted, 'delete', {}, 5).deletedAt).toBe(time(3))
    expect(reduced(deleted, 'delete', {}, 2).deletedAt).toBe(time(3))
    expect(reduced(deleted, 'delete', {}, 2, true).deletedAt).toBe(time(2))
    expect(reduced(deleted, 'delete', {}, 5, true).deletedAt).toBe(time(3))
  })
})

import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../src/domain/ticket.ts'
import { hasLazyField, toPartialTicket, toSummaryWith, toWanted } from '../../src/sources/wanted-fields.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'

// A source whose lists lack messages, tags and the order; the messages and the tags cost a call each.
const fields = { lazyFields: ['messages', 'tags', 'orders'], costlyFields: ['messages', 'tags'] } as const
const whole = toTicket(toSourceInfo('desk'), '1', { title: 'A', tags: ['vip'], messages: [] })
const selecting = (...names: (keyof Ticket)[]) => new Set(names)

describe('what a source is asked for', () => {
  it('is everything where no selection is known', () => {
    expect(toWanted(fields, null)).toBeUndefined()
  })

  it('is everything where each costly field is selected', () => {
    expect(toWanted(fields, selecting('title', 'messages', 'tags'))).toBeUndefined()
  })

  it('is the costly fields that are selected, and no others', () => {
    expect(toWanted(fields, selecting('title', 'tags', 'orders'))).toEqual(new Set(['tags']))
    expect(toWanted(fields, selecting('title'))).toEqual(new Set())
  })

  it('is everything for a source without costly fields', () => {
    expect(toWanted({ lazyFields: ['messages'] }, selecting('title'))).toBeUndefined()
  })
})

describe('a ticket that was read', () => {
  it('is unchanged where all costly fields were wanted', () => {
    expect(toPartialTicket(whole, fields, undefined)).toBe(whole)
    expect(toPartialTicket(whole, fields, selecting('messages', 'tags'))).toBe(whole)
    expect(toPartialTicket(whole, { lazyFields: ['messages'] }, selecting())).toBe(whole)
  })

  it('is a summary without the costly fields that were not wanted', () => {
    expect(toPartialTicket(whole, fields, selecting('tags'))).toEqual({
      ...whole,
      messages: null,
      isSummary: true,
      lazyFieldsRead: ['tags', 'orders'],
    })
  })
})

describe('a ticket of a list', () => {
  const summary = toSummaryWith(whole, fields.lazyFields, (field) => field === 'tags')

  it('has the lazy fields that were read, and null for the others', () => {
    expect(summary).toMatchObject({ title: 'A', tags: ['vip'], messages: null, orders: null })
    expect(summary).toMatchObject({ isSummary: true, lazyFieldsRead: ['tags'] })
  })

  it('says which lazy fields it has', () => {
    expect(hasLazyField(summary, 'tags')).toBe(true)
    expect(hasLazyField(summary, 'messages')).toBe(false)
    expect(hasLazyField({ ...whole, isSummary: true }, 'messages')).toBe(false)
  })

  it('has every lazy field where it is no summary', () => {
    expect(hasLazyField({ ...whole, isSummary: false }, 'messages')).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import {
  isTicketId,
  toMergedTicket,
  toName,
  toPage,
  toPart,
  toRtTicket,
  toTransaction,
  toUser,
} from '../../../src/sources/rt/decode.ts'

// Records as RT's REST 2.0 documents them (docs.bestpractical.com/rt/5.0.5/RT/REST2.html).

const noRecords = [null, [], {}, 'text', 7]
const ben = { type: 'user', id: 'ben', Name: 'ben', RealName: 'Ben Agent', EmailAddress: 'ben@desk.example' }
const decodedBen = { id: 'ben', name: 'Ben Agent', email: 'ben@desk.example' }
const named = (id: string) => ({ id, name: null, email: null })
const ticket = {
  ...{ id: '10', Type: 'ticket', Subject: 'Printer', Status: 'new', Queue: { id: '3', Name: 'Support' }, Priority: '70' },
  ...{ Owner: ben, Requestor: [{ id: 'mia' }, null], Cc: [{ id: 'carl' }], AdminCc: [{ id: 'ann' }] },
  ...{ Created: '2026-01-01T10:00:00Z', LastUpdated: '2026-01-02T10:00:00Z', Resolved: '2026-01-03T10:00:00Z' },
  Due: '1970-01-01T00:00:00Z',
  CustomFields: [
    { id: '12', name: 'Tags', values: ['vip', 7] },
    { id: '4', name: 'Ref', values: 'EXT' },
    { name: 'x' },
    { id: '9' },
  ],
  _hyperlinks: [
    { ref: 'refers-to', type: 'ticket', id: '30', _url: 'http://rt.example/REST/2.0/ticket/30' },
    { ref: 'depends-on', type: 'ticket', id: '22' },
    { ref: 'refers-to', type: 'external', id: '7', _url: 'https://other.example/7' },
    { ref: 'depends-on', type: 'ticket', id: '3' },
    { ref: 'lifecycle', label: 'Resolve', from: 'new', to: 'resolved' },
    { ref: 'lifecycle', to: 'stalled' },
    { ref: 'lifecycle' },
    { ref: 'comment', _url: 'http://rt.example/REST/2.0/ticket/10/comment', to: 'x' },
    ...[{ _url: 'http://rt.example' }, null, 'odd'],
  ],
}

describe('a ticket of RT', () => {
  it('has what its record tells', () => {
    const link = (ref: string, id: string, changes: object = {}) => ({ ref, type: 'ticket', id, url: null, ...changes })
    expect(toRtTicket(ticket)).toEqual({
      ...{ id: '10', type: 'ticket', subject: 'Printer', status: 'new', queue: { id: '3', name: 'Support' }, priority: 70 },
      ...{ owner: decodedBen, requestors: [named('mia')], cc: [named('carl')], adminCc: [named('ann')] },
      ...{ created: '2026-01-01T10:00:00.000Z', lastUpdated: '2026-01-02T10:00:00.000Z' },
      ...{ resolved: '2026-01-03T10:00:00.000Z', due: null, messages: null, mergedInto: null, record: ticket },
      customFields: [
        { id: '4', name: 'Ref', values: [] },
        { id: '9', name: null, values: [] },
        { id: '12', name: 'Tags', values: ['vip'] },
      ],
      links: [
        ...[link('depends-on', '3'), link('depends-on', '22')],
        link('refers-to', '7', { type: null, url: 'https://other.example/7' }),
        link('refers-to', '30', { url: 'http://rt.example/REST/2.0/ticket/30' }),
      ],
      steps: [
        { to: 'resolved', label: 'Resolve' },
        { to: 'stalled', label: 'stalled' },
      ],
      rights: new Set(['refers-to', 'depends-on', 'lifecycle', 'comment']),
    })
  })

  it.each(['depends-on', 'depended-on-by', 'parent', 'child', 'refers-to', 'referred-to-by'])('has links %s', (ref) => {
    expect(toRtTicket({ id: 10, _hyperlinks: [{ ref, type: 'ticket', id: 3 }] })?.links).toEqual([
      { ref, type: 'ticket', id: '3', url: null },
    ])
  })

  it('has no owner where that is Nobody', () => {
    expect(toRtTicket({ id: 10, Owner: { id: 'Nobody' } })?.owner).toBeNull()
    expect(toRtTicket({ id: 10, Owner: { id: 'Nobody2' } })?.owner).toEqual(named('Nobody2'))
  })

  const texts = { type: null, subject: null, status: null, queue: null, priority: null, owner: null, messages: null }
  const times = { created: null, lastUpdated: null, resolved: null, due: null }
  const lists = { requestors: [], cc: [], adminCc: [], customFields: [], links: [], steps: [], rights: new Set() }

  it('needs only its id', () => {
    const record = { id: 10, Owner: 'ben' }
    expect(toRtTicket(record)).toEqual({ id: '10', ...texts, ...times, ...lists, mergedInto: null, record })
    for (const value of [...noRecords, { id: '0' }, { id: 'x' }, { id: '1/2' }]) expect(toRtTicket(value)).toBeNull()
    const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
    expect([toRtTicket({ id: 7, a: nested(63) })?.id, toRtTicket({ id: 7, a: nested(64) })]).toEqual(['7', null])
  })

  it('RT-10: that was merged is a ticket of which nothing else is known', () => {
    expect(toMergedTicket('10', '22')).toEqual({
      ...{ ...texts, ...times, ...lists, id: '10', type: 'ticket', mergedInto: '22', record: {} },
    })
  })

  it('has an id of at most ten digits', () => {
    expect(['1', '9'.repeat(10)].map(isTicketId)).toEqual([true, true])
    expect(['', '0', '01', 'x1', '1x', '-1', '9'.repeat(11)].filter(isTicketId)).toEqual([])
  })
})

describe('a record of RT', () => {
  it('with a name has it under one of two keys', () => {
    expect([toName({ id: 3, Name: 'Support', name: 'x' }), toName({ id: 3, name: 'Tags' }), toName({ id: 3 })]).toEqual([
      { id: '3', name: 'Support' },
      { id: '3', name: 'Tags' },
      { id: '3', name: null },
    ])
    expect([...noRecords, { Name: 'x' }].map(toName)).toEqual([...noRecords, 0].map(() => null))
  })

  it('of a user has the login as its id', () => {
    expect([toUser(ben), toUser({ id: 'mia' })]).toEqual([decodedBen, named('mia')])
    expect([...noRecords, { RealName: 'x' }].map(toUser)).toEqual([...noRecords, 0].map(() => null))
  })

  it('of a transaction says something, or is none', () => {
    const Created = '2026-01-01T10:00:00Z'
    const decoded = { id: '40', creator: decodedBen, created: '2026-01-01T10:00:00.000Z' }
    for (const Type of ['Create', 'Correspond', 'Comment'])
      expect(toTransaction({ id: '40', Type, Creator: ben, Created })).toEqual({ ...decoded, type: Type })
    expect(toTransaction({ id: 40, Type: 'Comment' })).toEqual({ id: '40', type: 'Comment', creator: null, created: null })
    const others = [...noRecords, { id: 40, Type: 'Set' }, { id: 40 }, { Type: 'Comment' }]
    expect(others.map(toTransaction)).toEqual(others.map(() => null))
  })

  it('of a part needs its id and its transaction', () => {
    const part = {
      id: '51',
      TransactionId: '40',
      Filename: 'a.png',
      ContentType: 'image/png',
      ContentLength: '3',
      Content: 'abc',
    }
    expect(toPart(part)).toEqual({
      ...{ id: '51', transactionId: '40', filename: 'a.png', contentType: 'image/png', size: 3, content: 'abc' },
    })
    expect(toPart({ id: 51, TransactionId: 40 })).toEqual({
      ...{ id: '51', transactionId: '40', filename: null, contentType: null, size: null, content: null },
    })
    const others = [...noRecords, { id: 51 }, { TransactionId: 40 }]
    expect(others.map(toPart)).toEqual(others.map(() => null))
  })
})

describe('a page of RT', () => {
  it('keeps the places of items that cannot be read, RT-08 and may have no total', () => {
    const items = [{ id: 3, Name: 'Support' }, {}]
    expect(toPage({ items, total: 24 }, toName)).toEqual({ list: [{ id: '3', name: 'Support' }, null], total: 24 })
    expect([toPage({ items, total: null }, toName)?.total, toPage({ items }, toName)?.total]).toEqual([null, null])
    expect(toPage({ items: [], total: '0' }, toName)).toEqual({ list: [], total: 0 })
  })

  it('is none without a list', () => {
    for (const body of [...noRecords, { total: 3 }, { items: {} }]) expect(toPage(body, toName)).toBeNull()
  })
})

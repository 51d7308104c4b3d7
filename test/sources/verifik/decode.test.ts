import { describe, expect, it } from 'vitest'
import {
  isRefusal,
  toCountsByStatus,
  toErrorCode,
  toTicketOfBody,
  toVerifikPage,
  toVerifikTicket,
} from '../../../src/sources/verifik/decode.ts'

// Records as "Support Tickets" of docs.verifik.co shows them.

const noRecords = [null, [], {}, 'text', 7]
const person = { _id: 'p-1', name: 'Ann', email: 'ann@desk.example' }
const decodedPerson = { id: 'p-1', name: 'Ann', email: 'ann@desk.example' }
const plain = (id: string) => ({ id, name: null, email: null })
const file = { _id: 'f-1', filename: 'a.png', url: 'https://files.example.net/a.png', size: 3, type: 'image/png' }
const decodedFile = { id: 'f-1', filename: 'a.png', url: 'https://files.example.net/a.png', size: 3, type: 'image/png' }
const plainFile = (id: string | null) => ({ id, filename: null, url: null, size: null, type: null })
const ticket = {
  ...{ _id: 't-1', title: 'Printer', description: 'It burns.', status: 'open', priority: 'high', category: 'technical' },
  ...{ client: person, assignedTo: 'p-2', attachments: [file, 'f-2', {}, null], tags: ['vip', 7], resolution: 'Replaced' },
  threads: [
    { author: 'p-1', message: 'Hello', timestamp: '2026-03-01T22:55:29Z', type: 'reply', attachments: ['f-3'] },
    ...[null, 'text'],
    {},
  ],
  ...{ createdAt: '2026-03-01T22:55:29Z', updatedAt: '2026-03-05T10:38:52Z', resolvedAt: '2026-03-06T00:00:00Z' },
}

describe('a ticket of Verifik', () => {
  it('has what its record tells', () => {
    expect(toVerifikTicket(ticket)).toEqual({
      ...{ id: 't-1', title: 'Printer', description: 'It burns.', status: 'open', priority: 'high', category: 'technical' },
      ...{ client: decodedPerson, assignee: plain('p-2'), tags: ['vip'], resolution: 'Replaced' },
      attachments: [decodedFile, plainFile('f-2'), plainFile(null)],
      threads: [
        {
          ...{ index: 0, author: plain('p-1'), message: 'Hello', timestamp: '2026-03-01T22:55:29.000Z', type: 'reply' },
          attachments: [plainFile('f-3')],
        },
        // The index counts what is no message too.
        { index: 3, author: null, message: null, timestamp: null, type: null, attachments: null },
      ],
      ...{ createdAt: '2026-03-01T22:55:29.000Z', updatedAt: '2026-03-05T10:38:52.000Z' },
      ...{ resolvedAt: '2026-03-06T00:00:00.000Z', record: ticket },
    })
  })

  it('needs only its id', () => {
    const texts = { title: null, description: null, status: null, priority: null, category: null, resolution: null }
    const others = { client: null, assignee: null, threads: null, attachments: null, tags: null }
    const times = { createdAt: null, updatedAt: null, resolvedAt: null }
    const record = { _id: 7, client: {}, threads: {} }
    expect(toVerifikTicket(record)).toEqual({ id: '7', ...texts, ...others, ...times, record })
  })

  it('has ids, people and files under one of two keys', () => {
    expect([toVerifikTicket({ _id: 'a', id: 'b' })?.id, toVerifikTicket({ id: 'b' })?.id]).toEqual(['a', 'b'])
    const of = (changes: object) => toVerifikTicket({ _id: 'a', ...changes })
    expect(of({ assignee: { id: 'p-3', name: 'Bo' } })?.assignee).toEqual({ id: 'p-3', name: 'Bo', email: null })
    expect(of({ assignee: 'p-3', assignedTo: 'p-2' })?.assignee).toEqual(plain('p-2'))
    expect(of({ client: { _id: 'x', id: 'y' } })?.client).toEqual(plain('x'))
    expect(of({ attachments: [{ id: 'f-9' }, { _id: 'f-8', id: 'f-9' }] })?.attachments).toEqual([
      ...[plainFile('f-9'), plainFile('f-8')],
    ])
  })

  it('is none without an id, or where it is nested more than 64 levels deep', () => {
    for (const value of [...noRecords, { _id: '' }, { _id: 1.5 }]) expect(toVerifikTicket(value)).toBeNull()
    const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
    expect([toVerifikTicket({ _id: 'a', a: nested(63) })?.id, toVerifikTicket({ _id: 'a', a: nested(64) })]).toEqual(['a', null])
  })

  it('is under `data` of a body, or is the body', () => {
    expect(toTicketOfBody({ success: true, data: { _id: 'a' } })?.id).toBe('a')
    expect(toTicketOfBody({ _id: 'b', data: null })?.id).toBe('b')
    expect(noRecords.map(toTicketOfBody)).toEqual(noRecords.map(() => null))
  })
})

describe('a page of Verifik', () => {
  it('is under `data`, with the total of the filter, or is the body', () => {
    const pagination = { page: 2, limit: 10, total: '24' }
    const page = toVerifikPage({ data: [{ _id: 'a' }, {}], pagination, counts: { open: 99 } })
    expect(page).toMatchObject({ list: [{ id: 'a' }, null], page: 2, pageSize: 10, total: 24 })
    expect(toVerifikPage([{ _id: 'a' }])).toMatchObject({ list: [{ id: 'a' }], page: null, pageSize: null, total: null })
    expect(toVerifikPage({ data: [] })).toEqual({ list: [], page: null, pageSize: null, total: null })
    for (const body of [null, {}, 'text', { data: {} }]) expect(toVerifikPage(body)).toBeNull()
  })

  it('has counts of all tickets by their status, where each is a number', () => {
    expect(toCountsByStatus({ counts: { open: 3, closed: '4', new: 0 } })).toEqual({ open: 3, closed: 4, new: 0 })
    expect(toCountsByStatus({ counts: {} })).toEqual({})
    const others = [...noRecords, { counts: [] }, { counts: { open: 3, closed: null } }, { counts: { open: -1 } }]
    expect(others.map(toCountsByStatus)).toEqual(others.map(() => null))
  })
})

describe('an error of Verifik', () => {
  it('may have a status of success', () => {
    expect([{ success: false }, { success: true }, { success: 'false' }, ...noRecords].map(isRefusal)).toEqual([
      ...[true, false, false, ...noRecords.map(() => false)],
    ])
  })

  it('has its code in one of three shapes', () => {
    expect(toErrorCode({ success: false, error: 'No existe', code: 'not_found' })).toBe('not_found')
    expect(toErrorCode({ code: 'forbidden', message: 'No' })).toBe('forbidden')
    expect(toErrorCode({ error: 'Not Found', message: 'ticket_not_found' })).toBe('ticket_not_found')
    expect([{ message: 'No existe' }, { error: 'x' }, ...noRecords].map(toErrorCode)).toEqual(
      [0, 0, ...noRecords].map(() => null),
    )
  })
})

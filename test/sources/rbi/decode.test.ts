import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { toEchoFingerprint, toExternalId, toRbiTicket } from '../../../src/sources/rbi/decode.ts'
import { EventProblem } from '../../../src/sources/webhook-handler.ts'

const data = {
  ...{ id: 'partner-77', category: 'order', subcategory: 'missing-item', subcategoryId: 'KF-102', comments: 'Short.' },
  ...{ source: 'app', region: 'eu', createdAt: '2024-03-01T13:00:00+01:00', platform: 'ios' },
  store: { id: '1001', name: 'Gran Vía' },
  order: { id: 'PLK-1', placedAt: '2024-03-01T11:30:00Z' },
  customer: { id: 'g-1', name: 'Ana Ruiz', email: 'ana@example.com', phone: '+34600000000' },
}
const event = { type: 'STORE_SUPPORT_TICKET_EVENT', timestamp: '2024-03-01T12:00:05Z', data }
const of = (changes: object) => toRbiTicket({ ...event, data: { ...data, ...changes } })
const problemOf = (body: unknown) => {
  try {
    return toRbiTicket(body)
  } catch (error) {
    return error
  }
}

describe('a support ticket of RBI', () => {
  const decoded = {
    ...{ id: 'partner-77', type: 'STORE', category: 'order', subcategory: 'missing-item', subcategoryId: 'KF-102' },
    ...{ comments: 'Short.', source: 'app', region: 'eu', createdAt: '2024-03-01T12:00:00.000Z' },
    ...{ store: data.store, order: { id: 'PLK-1', placedAt: '2024-03-01T11:30:00.000Z' }, customer: data.customer },
  }

  it('is in the envelope that partners receive, or alone', () => {
    expect(toRbiTicket(event)).toEqual({ ...decoded, sentAt: '2024-03-01T12:00:05.000Z', record: data })
    const alone = { type: 'GENERAL', timestamp: '2024-03-01T12:00:05Z', ...data }
    expect(toRbiTicket(alone)).toEqual({ ...decoded, type: 'GENERAL', sentAt: null, record: alone })
  })

  it('needs a type and a category only', () => {
    const texts = { id: null, subcategory: null, subcategoryId: null, comments: null, source: null, region: null }
    const parts = { store: null, order: null, customer: null, createdAt: null, sentAt: null }
    const record = { type: 'STORE', category: 'order', createdAt: null }
    expect(toRbiTicket(record)).toEqual({ type: 'STORE', category: 'order', ...texts, ...parts, record })
    expect(toRbiTicket({ ...event, timestamp: undefined }).sentAt).toBeNull()
  })

  it.each([
    ...['STORE', 'STORE_SUPPORT_TICKET', 'STORE_SUPPORT_TICKET_EVENT'].map((name) => [name, 'STORE']),
    ...['GENERAL', 'GENERAL_SUPPORT_TICKET', 'GENERAL_SUPPORT_TICKET_EVENT'].map((name) => [name, 'GENERAL']),
  ])('RBI-02: of the event %s is %s', (type, expected) => {
    expect(toRbiTicket({ ...event, type }).type).toBe(expected)
  })

  it.each<[string, unknown, string]>([
    ['a list', [], 'The body is not a JSON object.'],
    ['a text', 'STORE', 'The body is not a JSON object.'],
    ['data that is a text', { ...event, data: 'x' }, '`data` is not an object.'],
    ['data that is null', { ...event, data: null }, '`data` is not an object.'],
    ['another event', { ...event, type: 'MENU' }, '`type` is neither a STORE nor a GENERAL support ticket.'],
    ['a type that is a number', { ...event, type: 7 }, '`type` is neither a STORE nor a GENERAL support ticket.'],
    ['no category', { ...event, data: { ...data, category: {} } }, '`category` is missing.'],
    ['a time that is none', { ...event, timestamp: 'soon' }, '`timestamp` is not an ISO 8601 time.'],
    ['a number as time', { ...event, data: { ...data, createdAt: 1 } }, '`createdAt` is not an ISO 8601 time.'],
    [
      'an order placed at no time',
      { ...event, data: { ...data, order: { id: 1, placedAt: '' } } },
      '`order.placedAt` is not an ISO 8601 time.',
    ],
  ])('is refused: %s', (_name, body, message) => {
    expect(problemOf(body)).toEqual(new EventProblem(message))
  })

  it('has names as text, as numbers, or in an object by key, id or name', () => {
    const category = (value: unknown) => of({ category: value }).category
    expect([category('a'), category(7), category({ key: 'k', id: 'i', name: 'n' })]).toEqual(['a', '7', 'k'])
    expect([category({ id: 3, name: 'n' }), category({ name: 'n' })]).toEqual(['3', 'n'])
    expect(of({ subcategory: { key: 's' }, region: { id: 'r' } })).toMatchObject({ subcategory: 's', region: 'r' })
  })

  it('has parts as objects or as ids alone', () => {
    expect(of({ store: 1001, order: 'PLK-1', customer: 'g-1' })).toMatchObject({
      store: { id: '1001', name: null },
      order: { id: 'PLK-1', placedAt: null },
      customer: { id: 'g-1', name: null, email: null, phone: null },
    })
    expect(of({ store: {}, order: { placedAt: 'soon' }, customer: true })).toMatchObject({
      store: null,
      order: null,
      customer: null,
    })
    expect(of({ customer: {} }).customer).toEqual({ id: null, name: null, email: null, phone: null })
  })
})

const hashOf = (parts: readonly unknown[]) => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

describe('the id of a support ticket', () => {
  it('is its own', () => {
    expect(toExternalId(toRbiTicket(event), 'msg_1')).toBe('partner-77')
  })

  it('is else a hash of what it says and of the event', () => {
    const nameless = of({ id: undefined })
    const said = ['STORE', 'order', 'missing-item', 'Short.', '1001', 'PLK-1', 'g-1', 'ana@example.com']
    expect(toExternalId(nameless, 'msg_1')).toBe(`x-${hashOf([...said, '2024-03-01T12:00:00.000Z', 'msg_1']).slice(0, 32)}`)
    const bare = toRbiTicket({ type: 'GENERAL', category: 'other' })
    const nothing = [null, null, null, null, null, null, null, null]
    expect(toExternalId(bare, null)).toBe(`x-${hashOf(['GENERAL', 'other', ...nothing]).slice(0, 32)}`)
  })
})

describe('RBI-06: the echo of a ticket', () => {
  it('is told by what partners send back unchanged', () => {
    expect(toEchoFingerprint(toRbiTicket(event))).toBe(hashOf(['order', 'missing-item', 'Short.', '1001', 'PLK-1']))
    expect(toEchoFingerprint(toRbiTicket({ type: 'GENERAL', category: 'other' }))).toBe(hashOf(['other', null, null, null, null]))
  })
})

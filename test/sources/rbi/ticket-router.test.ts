import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { decodeId } from '../../../src/domain/ids.ts'
import type { CreateTicket } from '../../../src/domain/writes.ts'
import {
  call,
  type DeliveryFixture,
  generalTicket,
  openDeliveryFixture,
  storeTicket,
  ticketOf,
} from '../../delivery/delivery-fixture.ts'
import { type FakePartner, startPartner } from '../../delivery/fake-partner.ts'
import { readHistory } from '../../support/history.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let fixture: DeliveryFixture
let partner: FakePartner
const regional = () => ({ key: 'regional', url: partner.url, secret: 'partner-secret-of-the-tests', general: true })
const careco = () => ({ key: 'careco', url: partner.url, secret: 'partner-secret-of-the-tests', stores: ['1001'] })

beforeAll(async () => {
  partner = await startPartner()
  fixture = await openDeliveryFixture({ idle: true, partners: [careco()] })
}, 60_000)
afterAll(async () => {
  await fixture.close()
  await partner.close()
})

const base: CreateTicket = { source: 'rbi', category: 'order', subcategory: 'missing-item' }

describe('a preview', () => {
  it('shows the decision and stores nothing', async () => {
    expect(fixture.router.preview(storeTicket)).toMatchObject({
      decision: { type: 'STORE', rule: 'STORE_SUBSCRIBED', partners: ['careco'] },
    })
    expect((await fixture.deliveries.list({ first: 10, after: null, states: null, sourceKeys: null })).items).toEqual([])
  })

  it.each<[string, CreateTicket, string, string]>([
    ['no category', { ...base, category: null }, 'REQUIRED', 'category'],
    ['an unknown category', { ...base, category: 'weather' }, 'INVALID', 'category'],
    ['no sub-category', { ...base, subcategory: '' }, 'REQUIRED', 'subcategory'],
    ['a sub-category of another group', { ...base, subcategory: 'app' }, 'INVALID', 'subcategory'],
    ['an unknown market', { ...base, market: 'mars' }, 'INVALID', 'market'],
  ])('refuses %s', (_, input, code, field) => {
    expect(fixture.router.preview(input)).toMatchObject({ userErrors: [{ code, field: ['input', field] }] })
  })

  it('lists the valid keys in its error', () => {
    expect(fixture.router.preview({ ...base, category: 'weather' })).toMatchObject({
      userErrors: [{ message: 'There is no such category here: it is one of order, other.' }],
    })
  })
})

describe('a new ticket', () => {
  it('is stored, recorded in the change log and queued together', async () => {
    const result = await fixture.router.create(storeTicket, call)
    const ticket = ticketOf(result)
    expect(result.outcome).toBe('QUEUED')
    expect(ticket).toMatchObject({
      title: 'order / missing-item',
      description: 'The fries are missing.',
      tenant: 'plk-eu',
      routing: { type: 'STORE', partners: ['careco'], rule: 'STORE_SUBSCRIBED' },
    })
    expect(await fixture.store.tickets.find([decodeId(ticket.id)!])).toMatchObject([
      { id: ticket.id, routing: { partners: ['careco'] } },
    ])
    expect(await fixture.deliveries.ofTickets([ticket.id])).toMatchObject([
      [{ state: 'PENDING', partner: 'careco', attempts: 0 }],
    ])
  })

  it('stores nothing when the transaction fails', async () => {
    const broken = { ...storeTicket, storeId: '1001', description: 'never kept' }
    const before = await fixture.deliveries.list({ first: 50, after: null, states: null, sourceKeys: null })
    const { jobs } = fixture
    const send = jobs.send
    jobs.send = async () => {
      throw new Error('the job engine failed')
    }
    await expect(fixture.router.create(broken, call)).rejects.toThrow('the job engine failed')
    jobs.send = send
    expect((await fixture.deliveries.list({ first: 50, after: null, states: null, sourceKeys: null })).items).toHaveLength(
      before.items.length,
    )
    const { tickets } = await fixture.store.tickets.list('rbi', {
      filter: { text: 'never kept' },
      order: { field: 'UPDATED_AT', direction: 'DESC' },
      position: null,
      limit: 10,
    })
    expect(tickets).toEqual([])
  })

  it('that no partner receives is stored, visible, and says why (RBI-03)', async () => {
    const result = await fixture.router.create({ ...generalTicket, subcategory: 'praise' }, call)
    expect(result).toMatchObject({ outcome: 'APPLIED', ticket: { routing: { type: 'NONE', rule: 'SWITCH_OFF', partners: [] } } })
    expect(await fixture.deliveries.ofTickets([ticketOf(result).id])).toEqual([[]])
  })
})

describe('an unrouted ticket', () => {
  it('is rejected while no partner receives it, and sent once when one does (RBI-03)', async () => {
    const ticket = ticketOf(await fixture.router.create(generalTicket, call))
    const ref = decodeId(ticket.id)!
    expect(await fixture.router.route(ref, call)).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'INVALID' }],
    })

    await fixture.edit([careco(), regional()])
    const results = await Promise.all([fixture.router.route(ref, call), fixture.router.route(ref, call)])
    expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(['QUEUED', 'REJECTED'])
    expect(await fixture.deliveries.ofTickets([ticket.id])).toMatchObject([[{ partner: 'regional', state: 'PENDING' }]])
    const [kept] = await fixture.store.tickets.find([ref])
    expect(kept!.routing).toMatchObject({ type: 'GENERAL', rule: 'GENERAL_SUBSCRIBED' })
    const events = await readHistory(fixture.store.changeLog, ticket.id)
    expect(events.items.map(({ node }) => node.kind)).toEqual(['CREATED', 'ROUTED'])
  })

  it('is decided as of when it was submitted, however long it waited (DECISION-28)', async () => {
    const ticket = ticketOf(await fixture.router.create({ ...storeTicket, storeId: '7007' }, call))
    expect(ticket.routing).toMatchObject({ type: 'NONE', rule: 'NO_PARTNER' })
    await fixture.edit([{ ...careco(), stores: ['7007'] }])
    const routed = await fixture.router.route(decodeId(ticket.id)!, call)
    expect(routed).toMatchObject({ outcome: 'QUEUED', ticket: { routing: { type: 'STORE', partners: ['careco'] } } })
    const [record] = await fixture.deliveryStore.ofTickets([ticket.id])
    expect(JSON.parse(record![0]!.body).data.createdAt).toBe(ticket.createdAt)
  })

  it('that does not exist is NOT_FOUND', async () => {
    const ref = { kind: 'ticket', sourceKey: 'rbi', tenant: 'plk-eu', externalId: 'nope' } as const
    expect(await fixture.router.route(ref, call)).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'NOT_FOUND' }],
    })
  })
})

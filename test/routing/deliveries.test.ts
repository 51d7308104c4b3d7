import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { type FakePartner, startPartner } from './fake-partner.ts'
import { call, generalTicket, type Office, openOffice, storeTicket, ticketOf } from './office.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})
const keep = <T extends { close(): Promise<unknown> }>(thing: T): T => {
  open.push(thing)
  return thing
}

describe('a routed ticket', () => {
  it('reaches its partner, who verifies it with the standardwebhooks package', async () => {
    const partner: FakePartner = keep(await startPartner())
    const office: Office = keep(await openOffice({ partners: [{ key: 'careco', url: partner.url, secret, stores: ['1001'] }] }))

    const result = await office.router.create(storeTicket, call)
    const ticket = ticketOf(result)
    const [delivery] = await office.settled(ticket.id, 'DELIVERED')

    expect(result.outcome).toBe('QUEUED')
    const [received] = partner.received
    const verified = new Webhook(secret).verify(received!.body, received!.headers)
    expect(verified).toMatchObject({
      type: 'STORE_SUPPORT_TICKET_EVENT',
      data: { type: 'STORE', id: ticket.externalId, subcategoryId: 'KF-102', store: { id: '1001' }, region: 'eu' },
    })
    expect(delivery).toMatchObject({ partner: 'careco', attempts: 1, lastStatus: 204, event: 'STORE_SUPPORT_TICKET_EVENT' })
  })
  it('is sent again when the partner fails, under the same id', async () => {
    const partner = keep(await startPartner((response, n) => void response.writeHead(n === 0 ? 500 : 200).end()))
    const office = keep(await openOffice({ partners: [{ key: 'regional', url: partner.url, secret, general: true }] }))
    const ticket = ticketOf(await office.router.create(generalTicket, call))
    const [delivery] = await office.settled(ticket.id, 'DELIVERED')
    expect(delivery!.attempts).toBe(2)
    expect(new Set(partner.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })
})

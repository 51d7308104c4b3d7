import { expect, it } from 'vitest'
import { fromTicketJson, toTicketJson } from '../../../src/db/repositories/ticket-json.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import { fullTicket } from '../../support/full-source.ts'

it('a stored ticket is read as it was saved, with the source as it is configured now', () => {
  expect(fromTicketJson(toTicketJson(fullTicket), fullTicket.source)).toEqual(fullTicket)
  const renamed = { ...fullTicket.source, label: 'New name' }
  expect(fromTicketJson(toTicketJson(fullTicket), renamed).source).toBe(renamed)
})

it('a ticket that version 0.1 stored has the fields that came later', () => {
  const attachment = { filename: 'a.png', url: 'https://files.example.com/a.png', size: 1, contentType: null }
  // As version 0.1 wrote it, without what is the same in both versions.
  const stored = {
    tenant: 'm',
    externalId: 't9',
    customer: null,
    attachments: [attachment],
    messages: [
      {
        id: 'x',
        author: { kind: 'CUSTOMER', id: 'c1', name: null },
        body: 'hi',
        visibility: 'PUBLIC',
        createdAt: null,
        attachments: null,
      },
      { id: 'y', author: null, body: 'see', visibility: 'PUBLIC', createdAt: null, attachments: [attachment] },
    ],
    routing: { type: 'STORE', partner: 'careco, second', rule: 'STORE_SUBSCRIBED', trace: [] },
  }
  const file = (place: string) => encodeId('attachment', fullTicket.source.key, 'm', `t9#${place}`)
  const ticket = fromTicketJson(JSON.stringify(stored), fullTicket.source)
  expect(ticket).toMatchObject({
    queueKey: null,
    group: null,
    followers: null,
    organization: null,
    customFields: null,
    statusOptions: null,
    slaTargets: null,
    satisfaction: null,
    attachments: [{ ...attachment, id: file('file-0'), expiresAt: null, requiresAuth: false }],
    messages: [
      { author: { kind: 'CUSTOMER', externalId: 'c1', name: null }, format: 'TEXT', attachments: null },
      { author: null, format: 'TEXT', attachments: [{ id: file('1-file-0') }] },
    ],
    routing: { type: 'STORE', partners: ['careco', 'second'], rule: 'STORE_SUBSCRIBED', trace: [] },
  })
  const unrouted = { ...stored, routing: { type: 'NONE', partner: null, rule: 'NO_PARTNER', trace: [] } }
  expect(fromTicketJson(JSON.stringify(unrouted), fullTicket.source).routing?.partners).toEqual([])
})

it('version 0.1 finds the partners of a stored ticket as one text', () => {
  expect(JSON.parse(toTicketJson(fullTicket)).routing.partner).toBe('careco, second')
  const unrouted = { ...fullTicket, routing: { ...fullTicket.routing, partners: [] } }
  expect(JSON.parse(toTicketJson(unrouted)).routing.partner).toBeNull()
})

import { describe, expect, it } from 'vitest'
import { createHintHandler } from '../../../src/sources/freshdesk/hints.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'

const secret = 'secret-of-the-automation-rule'

describe('a webhook of an automation rule of Freshdesk', () => {
  const handler = createHintHandler(toSourceInfo('freshdesk'), [secret, 'the-former-secret-of-the-rule'])
  const request = (body: string, headers: { [name: string]: string } = {}) => ({
    ...{ rawBody: Buffer.from(body), contentType: 'application/json' },
    headers,
    query: {},
  })
  const basic = (name: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
  })
  const body = '{ "ticket_id": "20" }'

  it('FRESHDESK-16 shows its secret in a header, or as a password: Freshdesk signs nothing', () => {
    expect(handler.authorise(request(body, { 'x-deskgraph-secret': secret }))).toBe(true)
    expect(handler.authorise(request(body, { 'x-deskgraph-secret': 'the-former-secret-of-the-rule' }))).toBe(true)
    expect(handler.authorise(request(body, basic('deskgraph', secret)))).toBe(true)
    const others: readonly { [name: string]: string }[] = [
      {},
      { 'x-deskgraph-secret': '' },
      { 'x-deskgraph-secret': `${secret} ` },
      basic('other', secret),
      basic('deskgraph', 'x'),
      { authorization: `Bearer ${secret}` },
    ]
    for (const headers of others) expect(handler.authorise(request(body, headers))).toBe(false)
  })

  it('FRESHDESK-16 names its ticket, and says that it is gone; nothing else of the body counts, and it has no id', () => {
    expect(handler.read(request(body))).toEqual({ deliveryId: null, ticketIds: ['20'], removed: false })
    expect(handler.read(request('{ "ticket_id": 20, "event": "status", "status": "Closed" }'))).toMatchObject({
      ticketIds: ['20'],
      removed: false,
    })
    expect(handler.read(request('{ "ticket_id": "20", "event": "deleted" }'))).toMatchObject({ removed: true })
    expect(handler.read(request('{ "ticket_id": "20", "event": "spam" }'))).toMatchObject({ removed: true })
    for (const text of ['{}', '[]', '{"ticket_id":"{{ticket.id}}"}', '{"ticket_id":"20/../21"}', '{"ticket_id":-1}'])
      expect(() => handler.read(request(text))).toThrow('ticket_id')
    expect(() => handler.read(request('ticket_id=20'))).toThrow()
    expect(() => handler.read(request('{}'))).toThrow('the body names no ticket: `ticket_id`')
  })
})

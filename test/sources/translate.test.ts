import { expect, test } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { toPlainTicket } from '../../src/domain/ticket-view.ts'
import type { AddMirrors } from '../../src/sources/mirrors.ts'
import { createTranslate, type Mapping } from '../../src/sources/translate.ts'
import { countingMetrics } from '../support/call.ts'
import { toSourceInfo } from '../support/memory-ticket.ts'

interface Wire {
  readonly id: string
  readonly state: string
  readonly page: string
}
const source = toSourceInfo('desk')
const origin = { source, tenant: 'de', observedAt: '2026-01-01T00:00:00.000Z' }
const link = { kind: 'RELATED', system: 'desk', externalId: '2', category: null, reason: null, creator: null } as const
const file = { id: 'f', filename: 'a.png', url: 'files/a.png', size: 1, contentType: null, expiresAt: null, requiresAuth: true }
const mapping: Mapping<Wire> = {
  fields: {
    number: ({ id }) => `#${id}`,
    status: ({ state }) => (state === 'open' ? 'OPEN' : 'UNKNOWN'),
    priority: () => 'UNKNOWN',
    type: ({ state }) => state,
    url: ({ page }) => page,
    links: ({ page }) => [{ ...link, createdAt: null, url: page, ticketId: null }],
    attachments: () => [file],
    messages: (_, { isSummary, parts }) =>
      isSummary
        ? null
        : [
            {
              ...{ id: parts.idOf('message', 'm'), author: null, body: 'Hello', format: 'TEXT', visibility: 'PUBLIC' },
              createdAt: null,
              attachments: [file],
            },
          ],
    customFields: () => [],
  },
  unknown: {
    priority: () => null,
    type: (type) => (type === 'odd' ? 'kind' : null),
  },
}

function translateWith(addMirrors?: AddMirrors) {
  const metrics = countingMetrics()
  const translate = createTranslate({ mapping, key: 'desk', baseUrl: 'https://desk.example/app/', addMirrors, metrics })
  return { translate, counted: (field: string) => metrics.total('unknown_values_total', { source: 'desk', field }) }
}
const wire: Wire = { id: '7', state: 'open', page: '/t/7' }

test('a ticket has the id, the tenant and the time of its origin', () => {
  const ticket = translateWith().translate(wire, origin, true)
  const id = encodeId('ticket', 'desk', 'de', '7')
  expect(ticket).toMatchObject({ id, source, tenant: 'de', externalId: '7', isSummary: true, number: '#7' })
  expect(ticket.freshness).toEqual({ mode: 'LIVE', observedAt: origin.observedAt })
  expect(ticket.messages).toBeNull()
})

test('tickets of one source keep their own origin and kind', () => {
  const { translate } = translateWith()
  const later = { ...origin, observedAt: '2026-02-02T00:00:00.000Z' }
  const tickets = [translate(wire, origin, true), translate(wire, later, true), translate(wire, later, false)]
  expect(tickets.map(({ freshness, isSummary }) => [freshness.observedAt.slice(0, 7), isSummary])).toEqual([
    ['2026-01', true],
    ['2026-02', true],
    ['2026-02', false],
  ])
})

test('the URLs of a ticket, its links, files and messages are absolute', () => {
  const ticket = toPlainTicket(translateWith().translate(wire, origin, false))
  const shown = 'https://desk.example/app/files/a.png'
  expect(ticket).toMatchObject({
    url: 'https://desk.example/t/7',
    links: [{ url: 'https://desk.example/t/7' }],
    attachments: [{ url: shown }],
    messages: [{ attachments: [{ url: shown }] }],
  })
})

test('mirrors are added to the links, which are then resolved', () => {
  const seen: unknown[] = []
  const { translate } = translateWith((links, ticket) => {
    seen.push(ticket)
    return [...(links ?? []), { ...links![0]!, kind: 'MIRROR', url: 'javascript:alert(1)' }]
  })
  const { links } = translate(wire, origin, false)
  expect(links?.map(({ kind, url }) => [kind, url])).toEqual([
    ['RELATED', 'https://desk.example/t/7'],
    ['MIRROR', null],
  ])
  expect(seen).toEqual([{ number: '#7', customFields: [] }])
})

test('a value that the model has no word for is counted when it is read, once for a ticket, by the name of its rule', () => {
  const { translate, counted } = translateWith()
  const ticket = translate({ ...wire, state: 'odd' }, origin, true)
  expect([counted('status'), counted('kind')]).toEqual([0, 0])
  expect([ticket.status, ticket.status, ticket.type, ticket.priority]).toEqual(['UNKNOWN', 'UNKNOWN', 'odd', 'UNKNOWN'])
  expect([counted('status'), counted('kind'), counted('priority'), counted('type')]).toEqual([1, 1, 0, 0])
  toPlainTicket(translate(wire, origin, true))
  expect([counted('status'), counted('kind')]).toEqual([1, 1])
})

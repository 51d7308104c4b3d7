import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toPlainTicket } from '../../../src/domain/ticket-view.ts'
import type { CreateTicket, UpdateTicket } from '../../../src/domain/writes.ts'
import type { ListRequest, TicketFilter, TicketSource } from '../../../src/sources/source.ts'
import { verifikConfig } from '../../../src/sources/verifik/config.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { json, releaseWhenQuiet, startVendor } from '../../support/vendor.ts'
import { record, refTo, verifikAt } from './verifik-fixture.ts'

const request = (position: string | null, limit: number, filter: TicketFilter = {}): ListRequest => ({
  filter,
  order: { field: 'UPDATED_AT', direction: 'DESC' },
  position,
  limit,
})

/** As the list shows a ticket: no threads, attachments or resolution, the description cut. */
function item(id: string): Record<string, unknown> {
  const { threads: _, attachments: __, resolution: ___, resolvedAt: ____, ...rest } = record({ _id: id })
  return { ...rest, description: 'Having trouble integrating the biometric validation API. G...' }
}

async function answering(answer: (res: ServerResponse, path: string) => void, changes = {}) {
  const metrics = countingMetrics()
  const vendor = await startVendor(({ path }, res) => answer(res, path))
  const source = verifikAt(vendor.url, changes, metrics) as Required<TicketSource>
  return { vendor, source, metrics, sent: () => vendor.calls.map(({ method, path, body }) => [method, path, body]) }
}

describe('reading tickets from Verifik', () => {
  it('costs one call per distinct ticket, eight at once unless configured otherwise', async () => {
    const pending: (() => void)[] = []
    const atOnce: number[] = []
    const { vendor, source } = await answering((res, path) => {
      pending.push(() => json(res, { success: true, data: record({ _id: path.split('/').at(-1) }) }))
    })
    // Answers only when no further call arrives: the unanswered calls are then those that were sent at once.
    const releasing = releaseWhenQuiet(pending, atOnce)
    const refs = Array.from({ length: 20 }, (_, index) => refTo(`t_${index}`))
    const tickets = await source.loadTickets([...refs, refTo('t_3')], someCall())
    expect(tickets.map((ticket) => ticket && 'externalId' in ticket && ticket.externalId)).toEqual(
      [...refs, refTo('t_3')].map(({ externalId }) => externalId),
    )
    expect(tickets[0]).toMatchObject({ isSummary: false, messages: [{ visibility: 'PUBLIC' }, { visibility: 'PUBLIC' }] })
    clearInterval(releasing)
    expect(vendor.calls).toHaveLength(20)
    expect(Math.max(...atOnce)).toBe(8)
    expect(vendor.calls[0]?.headers.authorization).toBe('Bearer t0ken')
    expect(vendor.calls[0]?.headers).not.toHaveProperty('x-agent-user-id')
  })

  it.each([
    ['{error, message}', { error: 'No se encontró', message: 'SUPPORT_TICKET_NOT_FOUND' }],
    ['{success, error, code}', { success: false, error: 'No se encontró', code: 'NOT_FOUND' }],
    ['{code, message}', { code: 'NotFound', message: 'No se encontró' }],
  ])('VERIFIK-07: returns null for a missing ticket in each shape of the error: %s', async (_, body) => {
    const { source } = await answering((res) => json(res, body, 404))
    expect(await source.loadTickets([refTo('t_1')], someCall())).toEqual([null])
  })

  it('UPSTREAM-09: never returns another ticket, and fails for an answer without a ticket', async () => {
    const { source } = await answering((res, path) =>
      json(res, { success: true, data: path.endsWith('t_1') ? record({ _id: 't_2' }) : {} }),
    )
    expect(await source.loadTickets([refTo('t_1'), refTo('t_9')], someCall())).toMatchObject([
      { code: 'UPSTREAM_BAD_RESPONSE', source: 'verifik' },
      { code: 'UPSTREAM_BAD_RESPONSE', source: 'verifik' },
    ])
  })

  it('VERIFIK-07: fails with UPSTREAM_REJECTED for a 200 with success: false', async () => {
    const { source } = await answering((res) => json(res, { success: false, error: 'x', code: 'BROKEN' }))
    expect(await source.loadTickets([refTo('t_1')], someCall())).toMatchObject([{ code: 'UPSTREAM_REJECTED' }])
  })

  it('sends no call for ids that could change a path', async () => {
    const { vendor, source } = await answering((res) => json(res, {}))
    const refs = ['..', '.', 'a/b', 'a%2fb', 'a?b'].map(refTo)
    expect(await source.loadTickets(refs, someCall())).toEqual([null, null, null, null, null])
    expect(vendor.calls).toEqual([])
  })
})

describe('listing Verifik', () => {
  it('VERIFIK-01: lists summaries, and names the fields that lists omit or cut off', async () => {
    const pagination = { page: 1, limit: 2, total: 5, pages: 3 }
    const { source, sent } = await answering((res) => json(res, { success: true, data: [item('t_1'), item('t_2')], pagination }))
    const slice = await source.listTickets(request(null, 2), someCall())
    expect(sent()).toEqual([['GET', '/v2/support-tickets?page=1&limit=2', undefined]])
    expect(slice).toMatchObject({ positions: ['1', '2'], end: false, totalCount: 5, dropped: 0 })
    expect(slice.tickets[0]).toMatchObject({
      externalId: 't_1',
      isSummary: true,
      messages: null,
      attachments: null,
      resolution: null,
    })
    expect(source.lazyFields).toEqual(['description', 'messages', 'attachments', 'resolution', 'resolvedAt'])
  })

  it('VERIFIK-08: reads a 404 of the legacy list as an empty page', async () => {
    const { source } = await answering((res) => json(res, { error: 'No support tickets found', message: 'not_found' }, 404))
    expect(await source.listTickets(request(null, 5), someCall())).toEqual({
      tickets: [],
      positions: [],
      end: true,
      totalCount: null,
      dropped: 0,
    })
  })

  it('VERIFIK-10: reads the total from pagination, never from counts, and ends where it is reached', async () => {
    const counts = { open: 400, pending: 50, in_progress: 0, resolved: 0, closed: 0 }
    const { source } = await answering((res) =>
      json(res, {
        success: true,
        data: [item('t_3'), item('t_4')],
        pagination: { page: 2, limit: 2, total: 4, pages: 2 },
        counts,
      }),
    )
    expect(await source.listTickets(request('2', 2), someCall())).toMatchObject({
      totalCount: 4,
      end: true,
      positions: ['3', '4'],
    })
  })

  it('reads a legacy list without pagination, and ends it by its length', async () => {
    const { source } = await answering((res) => json(res, [item('t_1')]))
    expect(await source.listTickets(request(null, 2), someCall())).toMatchObject({
      totalCount: null,
      end: true,
      positions: ['1'],
    })
  })

  it.each<[string, TicketFilter, string[], string]>([
    ['one status', { status: ['OPEN'] }, ['STATUS'], '&status=open'],
    ['one priority', { priority: ['URGENT'] }, ['PRIORITY'], '&priority=urgent'],
    ['one category', { category: ['feature request&x'] }, ['CATEGORY'], '&category=feature%20request%26x'],
    [
      'all three',
      { status: ['CLOSED'], priority: ['LOW'], category: ['kyc'] },
      ['STATUS', 'PRIORITY', 'CATEGORY'],
      '&status=closed&priority=low&category=kyc',
    ],
    ['a status with two words', { status: ['IN_PROGRESS'] }, [], ''],
    ['a status without a word', { status: ['ESCALATED'] }, [], ''],
    ['UNKNOWN', { status: ['UNKNOWN'], priority: ['UNKNOWN'] }, [], ''],
    ['two statuses beside one priority', { status: ['OPEN', 'CLOSED'], priority: ['LOW'] }, ['PRIORITY'], '&priority=low'],
    ['what Verifik cannot filter', { tags: ['api'], text: 'x' }, [], ''],
  ])('lets Verifik apply %s, exactly', async (_, filter, fields, query) => {
    const { source, sent } = await answering((res) =>
      json(res, { success: true, data: [], pagination: { page: 1, limit: 5, total: 0 } }),
    )
    expect(source.pushdownFilters(filter)).toEqual(fields)
    await source.listTickets(request(null, 5, filter), someCall())
    expect(sent()).toEqual([['GET', `/v2/support-tickets?page=1&limit=5${query}`, undefined]])
  })

  it('UPSTREAM-09: leaves out what is not a ticket, and fails with UPSTREAM_BAD_RESPONSE for what is not the requested page', async () => {
    const { source, metrics } = await answering((res) => json(res, { success: true, data: [item('t_1'), 7, { title: 'no id' }] }))
    expect(await source.listTickets(request(null, 3), someCall())).toMatchObject({ positions: ['1'], dropped: 2 })
    expect(metrics.total('dropped_records_total', { source: 'verifik' })).toBe(2)
    for (const body of [{ success: true }, 'x', { data: [], pagination: { page: 3, limit: 3 } }]) {
      const wrong = await answering((res) => json(res, body))
      await expect(wrong.source.listTickets(request(null, 3), someCall())).rejects.toMatchObject({
        code: 'UPSTREAM_BAD_RESPONSE',
      })
    }
  })

  it('counts the values that the model has no word for', async () => {
    const odd = { ...item('t_1'), status: 'reopened', priority: 'blocker', category: 'kyc' }
    const { source, metrics } = await answering((res) => json(res, { success: true, data: [odd, item('t_2')] }))
    const { tickets } = await source.listTickets(request(null, 5), someCall())
    tickets.map(toPlainTicket)
    const totals = ['status', 'priority', 'category'].map((field) =>
      metrics.total('unknown_values_total', { source: 'verifik', field }),
    )
    expect(totals).toEqual([1, 1, 1])
  })
})

describe('writing to Verifik', () => {
  const created: CreateTicket = { source: 'verifik', title: 'T', description: 'D', priority: 'HIGH', category: 'billing' }

  it('creates a ticket with every documented field', async () => {
    const { source, sent } = await answering((res) =>
      json(res, { success: true, data: record({ _id: 't_7', status: 'open' }) }, 201),
    )
    const attachments = [{ filename: 'a.txt', url: 'https://s/a.txt', size: 3, contentType: 'text/plain' }]
    const result = await source.createTicket({ ...created, tags: ['api'], attachments }, someCall())
    expect(sent()).toEqual([
      [
        'POST',
        '/v2/support-tickets',
        {
          title: 'T',
          description: 'D',
          priority: 'high',
          category: 'billing',
          tags: ['api'],
          attachments: [{ filename: 'a.txt', url: 'https://s/a.txt', size: 3, type: 'text/plain' }],
        },
      ],
    ])
    expect(result).toMatchObject({ outcome: 'APPLIED', ticket: { externalId: 't_7', status: 'OPEN', isSummary: false } })
  })

  it('names every field that is missing or unknown, and sends nothing', async () => {
    const { source, sent } = await answering((res) => json(res, {}))
    const result = await source.createTicket(
      { source: 'verifik', title: ' ', priority: 'UNKNOWN', category: 'billing' },
      someCall(),
    )
    expect(result.outcome).toBe('REJECTED')
    expect(result.userErrors.map(({ code, field }) => [code, field?.join('.')])).toEqual([
      ['REQUIRED', 'input.title'],
      ['REQUIRED', 'input.description'],
      ['INVALID', 'input.priority'],
    ])
    expect(sent()).toEqual([])
  })

  it('has the new ticket read when the answer is only its id, and is APPLIED without a ticket when the answer is empty', async () => {
    const byId = await answering((res) => json(res, { success: true, data: { _id: 't_8' } }))
    expect(await byId.source.createTicket(created, someCall())).toMatchObject({
      outcome: 'APPLIED',
      ticket: null,
      ref: refTo('t_8'),
    })
    const silent = await answering((res) => res.writeHead(201).end())
    expect(await silent.source.createTicket(created, someCall())).toEqual({
      outcome: 'APPLIED',
      ticket: null,
      ref: null,
      userErrors: [],
    })
  })

  it('sends the fields to change', async () => {
    const { source, sent } = await answering((res) => json(res, { success: true, data: record() }))
    const input: UpdateTicket = {
      title: 'N',
      status: 'RESOLVED',
      priority: 'LOW',
      category: 'general',
      tags: [],
      description: null,
    }
    expect(await source.updateTicket(refTo('support_ticket_123456789'), input, someCall())).toMatchObject({ outcome: 'APPLIED' })
    expect(sent()).toEqual([
      [
        'PUT',
        '/v2/support-tickets/support_ticket_123456789',
        { title: 'N', priority: 'low', category: 'general', status: 'resolved', tags: [] },
      ],
    ])
  })

  it('has the ticket read again when the answer to an update is {"status":"completed"}', async () => {
    const { source } = await answering((res) => json(res, { status: 'completed' }))
    const ref = refTo('t_1')
    expect(await source.updateTicket(ref, { title: 'N' }, someCall())).toEqual({
      outcome: 'APPLIED',
      ticket: null,
      ref,
      userErrors: [],
    })
  })

  it.each<[string, UpdateTicket, string, string]>([
    ['nothing to change', {}, 'INVALID', 'input'],
    ['a status without a word', { status: 'ESCALATED' }, 'INVALID', 'input.status'],
    ['a legacy status', { status: 'CANCELLED' }, 'INVALID', 'input.status'],
  ])('sends no update with %s', async (_, input, code, field) => {
    const { source, sent } = await answering((res) => json(res, {}))
    const result = await source.updateTicket(refTo('t_1'), input, someCall())
    expect(result.userErrors.map((error) => [error.code, error.field?.join('.')])).toEqual([[code, field]])
    expect(sent()).toEqual([])
  })

  it('sends a reply to the legacy path', async () => {
    const { source, sent } = await answering((res) => json(res, { message: 'ok' }, 201))
    const ref = refTo('t_1')
    const result = await source.replyToTicket(ref, { body: 'We are on it.', visibility: 'PUBLIC' }, someCall())
    expect(sent()).toEqual([['POST', '/support-tickets/t_1/thread', { message: 'We are on it.' }]])
    expect(result).toEqual({ outcome: 'APPLIED', ticket: null, ref, userErrors: [] })
  })

  it('never publishes an internal note', async () => {
    const { source, sent } = await answering((res) => json(res, {}))
    expect(
      await source.replyToTicket(refTo('t_1'), { body: 'Do not tell them.', visibility: 'INTERNAL' }, someCall()),
    ).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'NOT_SUPPORTED', field: ['input', 'visibility'] }],
    })
    expect(await source.replyToTicket(refTo('t_1'), { body: ' ', visibility: 'PUBLIC' }, someCall())).toMatchObject({
      userErrors: [{ code: 'REQUIRED', field: ['input', 'body'] }],
    })
    expect(sent()).toEqual([])
  })

  it.each([
    ['{success, error, code}', { success: false, error: 'Categoría inválida', code: 'INVALID_CATEGORY' }, ['input', 'category']],
    ['{error, message}', { error: 'Falta el título', message: 'missing_title' }, ['input', 'title']],
    ['{code, message}', { code: 'InvalidStatus', message: 'El título no importa' }, ['input', 'status']],
    ['a localised text alone', { error: 'priority inválida' }, null],
    ['nothing', undefined, null],
  ])('VERIFIK-07: finds the faulty field by the code of an error, in the shape %s', async (_, body, field) => {
    const { source } = await answering((res) => (body ? json(res, body, 400) : res.writeHead(422).end()))
    expect(await source.updateTicket(refTo('t_1'), { title: 'N' }, someCall())).toEqual({
      outcome: 'REJECTED',
      ticket: null,
      ref: null,
      userErrors: [{ code: 'INVALID', message: 'Verifik did not accept the input.', field }],
    })
  })

  it('VERIFIK-07: reads a 200 with success: false as a refusal', async () => {
    const { source } = await answering((res) => json(res, { success: false, code: 'BAD_TAGS' }))
    expect(await source.updateTicket(refTo('t_1'), { tags: ['x'] }, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'INVALID', field: ['input', 'tags'] }],
    })
  })

  it('UPSTREAM-13: is UNKNOWN, and sent once, when no answer comes', async () => {
    const { source, sent } = await answering((res) => void res.destroy())
    expect(await source.replyToTicket(refTo('t_1'), { body: 'x', visibility: 'PUBLIC' }, someCall())).toMatchObject({
      outcome: 'UNKNOWN',
      ref: refTo('t_1'),
    })
    expect(await source.createTicket(created, someCall())).toMatchObject({ outcome: 'UNKNOWN', ref: null })
    expect(sent()).toHaveLength(2)
  })

  it('INPUT-03: an id that could change a path is NOT_FOUND and sends no call', async () => {
    const { source, sent } = await answering((res) => json(res, {}))
    expect(await source.updateTicket(refTo('../x'), { title: 'N' }, someCall())).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND' }],
    })
    expect(sent()).toEqual([])
  })
})

describe("Verifik's configuration", () => {
  it('needs a token, refuses what it does not know, and can be published as a JSON Schema', () => {
    expect(verifikConfig.parse({ token: 't' })).toMatchObject({ url: 'https://api.verifik.co', timeoutMs: 3000, concurrency: 8 })
    expect(verifikConfig.safeParse({}).success).toBe(false)
    expect(verifikConfig.safeParse({ token: 't', Token: 't' }).success).toBe(false)
    expect(z.toJSONSchema(verifikConfig, { io: 'input' })).toMatchObject({ required: ['token'], additionalProperties: false })
  })

  it('says what a new ticket needs, in the values that inputs take', async () => {
    const form = await verifikAt('http://127.0.0.1:1').createForm!({ queue: null, type: null, market: null }, someCall())
    expect(form.map(({ key, required }) => [key, required])).toEqual([
      ['title', true],
      ['description', true],
      ['priority', true],
      ['category', true],
      ['tags', false],
    ])
    const keysOf = (field: string) => form.find(({ key }) => key === field)?.options?.map(({ key }) => key)
    expect(keysOf('priority')).toEqual(['LOW', 'MEDIUM', 'HIGH', 'URGENT'])
    expect(keysOf('category')).toEqual(['technical', 'billing', 'account', 'feature_request', 'general'])
  })

  it('switches operations off: no action, no method', () => {
    const on = verifikAt('http://127.0.0.1:1')
    expect(on.info).toMatchObject({
      actions: ['UPDATE', 'REPLY'],
      canCreate: true,
      filters: ['SOURCES', 'STATUS', 'PRIORITY', 'CATEGORY', 'IDS'],
      mode: 'PULL',
    })
    const off = verifikAt('http://127.0.0.1:1', { capabilities: { create: false, update: false, reply: false } })
    expect(off.info).toMatchObject({ actions: [], canCreate: false })
    for (const method of ['createTicket', 'createForm', 'updateTicket', 'replyToTicket', 'closeTicket', 'escalateTicket']) {
      expect(method in off).toBe(false)
    }
  })

  it('fails with UPSTREAM_NOT_SUPPORTED and sends no call when reads are switched off', async () => {
    const { vendor, source } = await answering((res) => json(res, {}), { capabilities: { ticket: false, list: false } })
    expect(await source.loadTickets([refTo('t_1')], someCall())).toMatchObject([{ code: 'UPSTREAM_NOT_SUPPORTED' }])
    await expect(source.listTickets(request(null, 5), someCall())).rejects.toMatchObject({ code: 'UPSTREAM_NOT_SUPPORTED' })
    expect(vendor.calls).toEqual([])
  })
})

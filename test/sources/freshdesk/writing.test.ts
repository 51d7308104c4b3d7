import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { AttachmentDraft } from '../../../src/domain/writes.ts'
import { someCall } from '../../support/call.ts'
import { json, startVendor, type VendorCall } from '../../support/vendor.ts'
import { conversations, freshdeskAt, freshdeskRef, linesOf, type Record, startFreshdesk, ticket } from './freshdesk-fixture.ts'

const ref = freshdeskRef('20')

interface Options {
  readonly before?: Record
  /** What the ticket then has. */
  readonly after?: Record
  /** What the answer has in place of that. */
  readonly answered?: Record
  /** The message that the thread then has. */
  readonly message?: Record
  readonly refusal?: { readonly status: number; readonly body?: unknown }
}

/** Freshdesk with the ticket before a write, and with these changes in the answer to it and after it. */
async function freshdesk(options: Options = {}) {
  let written = false
  const before = { ...ticket, ...options.before }
  const message = { ...conversations[0], id: 900, created_at: '2026-03-09T00:00:00Z', ...options.message }
  const write = (answer: unknown, status: number) => (_: VendorCall, res: Parameters<typeof json>[0]) => {
    const { refusal } = options
    if (refusal?.body === undefined && refusal) res.writeHead(refusal.status).end()
    else if (refusal) json(res, refusal.body, refusal.status)
    else {
      written = true
      json(res, answer, status)
    }
  }
  const vendor = await startFreshdesk({
    'GET /api/v2/tickets/20': (_, res) => json(res, { ...before, ...(written ? options.after : {}) }),
    'GET /api/v2/tickets/20/conversations': (_, res) =>
      json(res, written && options.message ? [...conversations, message] : conversations),
    'PUT /api/v2/tickets/20': write({ ...before, ...(options.answered ?? options.after) }, 200),
    'POST /api/v2/tickets/20/reply': write({ ...message, ticket_id: 20 }, 201),
    'POST /api/v2/tickets/20/notes': write({ ...message, ticket_id: 20 }, 201),
    'POST /api/v2/tickets': write({ ...before, ...options.answered }, 201),
  })
  const writes = () => vendor.calls.filter(({ method }) => method !== 'GET').map(({ method, path, body }) => [method, path, body])
  return { source: freshdeskAt(vendor.url), vendor, writes }
}

const put = (body: unknown) => ['PUT', '/api/v2/tickets/20', body]

describe('a change of a ticket of Freshdesk', () => {
  it('is sent once, with a read before and after', async () => {
    const changed = {
      subject: 'Fire is out',
      description_text: 'All <well>',
      priority: 1,
      tags: ['Printer', 'smoke'],
      custom_fields: { cf_boxes: 3, cf_order: 'A-1' },
    }
    const { source, vendor, writes } = await freshdesk({ after: changed })
    const input = {
      ...{ title: 'Fire is out', description: 'All <well>', priority: 'LOW' as const, addTags: ['smoke'], removeTags: ['fire'] },
      customFields: [
        { key: 'cf_boxes', value: '3' },
        { key: 'cf_order', value: 'A-1' },
      ],
    }
    const result = await source.updateTicket!(ref, input, someCall())
    expect([result.outcome, result.userErrors]).toEqual(['APPLIED', []])
    expect(result.ticket).toMatchObject({ title: 'Fire is out', priority: 'LOW', tags: ['Printer', 'smoke'] })
    expect(writes()).toEqual([
      put({
        ...{ subject: 'Fire is out', description: '<div>All &lt;well&gt;</div>', priority: 1, tags: ['Printer', 'smoke'] },
        custom_fields: { cf_boxes: 3, cf_order: 'A-1' },
      }),
    ])
    expect(linesOf(vendor).map((line) => line.split(' ')[0])).toEqual(['GET', 'PUT', 'GET'])
  })

  it('is never APPLIED where the ticket does not have it, and is where a rule of the account has changed it since', async () => {
    const nothing = await freshdesk({})
    expect(await nothing.source.updateTicket!(ref, { title: 'New' }, someCall())).toMatchObject({
      ...{ outcome: 'REJECTED', userErrors: [{ code: 'SOURCE_REJECTED', field: ['input', 'title'] }] },
    })
    const half = await freshdesk({ after: { subject: 'New' } })
    expect(await half.source.updateTicket!(ref, { title: 'New', priority: 'URGENT' }, someCall())).toMatchObject({
      ...{ outcome: 'PARTIAL', userErrors: [{ field: ['input', 'priority'] }] },
    })
    const ruled = await freshdesk({ after: { priority: 4 }, answered: { priority: 2 } })
    expect((await ruled.source.updateTicket!(ref, { priority: 'MEDIUM' }, someCall())).outcome).toBe('APPLIED')
  })

  it('FRESHDESK-04 takes a status by its number, and one of the model by the first that means it', async () => {
    const own = await freshdesk({ after: { status: 8 } })
    expect((await own.source.updateTicket!(ref, { statusOption: '8' }, someCall())).outcome).toBe('APPLIED')
    expect(own.writes()).toEqual([put({ status: 8 })])
    // 3 and 6 are PENDING.
    const pending = await freshdesk({ after: { status: 3 } })
    expect((await pending.source.updateTicket!(ref, { status: 'PENDING' }, someCall())).outcome).toBe('APPLIED')
    expect(pending.writes()).toEqual([put({ status: 3 })])
    const kept = await freshdesk({ before: { status: 6 } })
    await kept.source.updateTicket!(ref, { status: 'PENDING' }, someCall())
    expect(kept.writes()).toEqual([put({ status: 6 })])
    const none = await freshdesk({})
    expect(await none.source.updateTicket!(ref, { status: 'ESCALATED' }, someCall())).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['input', 'status'] }],
    })
    expect(none.writes()).toEqual([])
  })

  it('FRESHDESK-08 is refused before where a custom field is not known, or does not take the value', async () => {
    const { source, writes } = await freshdesk({})
    const refuse = async (key: string, value: unknown) =>
      (await source.updateTicket!(ref, { customFields: [{ key, value }] }, someCall())).userErrors
    expect(await refuse('cf_nothing', 'x')).toMatchObject([{ code: 'INVALID', field: ['input', 'customFields', '0', 'key'] }])
    // The status is a field of the system.
    expect(await refuse('status', 5)).toMatchObject([{ code: 'INVALID', field: ['input', 'customFields', '0', 'key'] }])
    for (const [key, value] of [
      ['cf_wants', 'Money'],
      ['cf_boxes', 'many'],
      ['cf_city', 'Paris'],
    ] as const)
      expect(await refuse(key, value)).toMatchObject([{ code: 'INVALID', field: ['input', 'customFields', '0', 'value'] }])
    expect(writes()).toEqual([])
  })

  it('FRESHDESK-08 closes no ticket without the fields that it needs, and names them', async () => {
    const { source, writes } = await freshdesk({})
    const message = 'Freshdesk closes no ticket without a value for "Order number" (cf_order).'
    expect((await source.closeTicket!(ref, {}, someCall())).userErrors).toEqual([{ code: 'INVALID', message, field: null }])
    expect((await source.updateTicket!(ref, { status: 'CLOSED' }, someCall())).userErrors).toEqual([
      { code: 'INVALID', message, field: ['input', 'status'] },
    ])
    for (const custom_fields of [{ cf_order: '' }, { cf_order: false }, {}]) {
      const empty = await freshdesk({ before: { custom_fields } })
      expect((await empty.source.closeTicket!(ref, {}, someCall())).userErrors).toMatchObject([{ code: 'INVALID' }])
    }
    expect(writes()).toEqual([])
    const given = await freshdesk({ after: { status: 5, custom_fields: { cf_order: 'A-1' } } })
    const customFields = [{ key: 'cf_order', value: 'A-1' }]
    expect((await given.source.updateTicket!(ref, { status: 'CLOSED', customFields }, someCall())).outcome).toBe('APPLIED')
    expect(given.writes()).toEqual([put({ status: 5, custom_fields: { cf_order: 'A-1' } })])
    const filled = await freshdesk({ before: { custom_fields: { cf_order: 'A-1' } }, after: { status: 5 } })
    expect((await filled.source.closeTicket!(ref, {}, someCall())).outcome).toBe('APPLIED')
    expect(filled.writes()).toEqual([put({ status: 5 })])
  })

  it('FRESHDESK-08 is INVALID with the field that Freshdesk names, and without its words', async () => {
    const refused = (field: string, code: string) => ({
      refusal: {
        status: 400,
        body: { description: 'Validation failed', errors: [{ field, message: `It should not be johnny@example.com`, code }] },
      },
    })
    const errorsOf = async (options: Options) =>
      (await (await freshdesk(options)).source.updateTicket!(ref, { title: 'New' }, someCall())).userErrors
    expect(await errorsOf(refused('subject', 'datatype_mismatch'))).toMatchObject([
      { code: 'INVALID', field: ['input', 'title'] },
    ])
    for (const name of ['cf_order', 'custom_fields.cf_order', 'custom_fields[cf_order]'])
      expect(await errorsOf(refused(name, 'missing_field'))).toEqual([
        {
          code: 'INVALID',
          message: 'Freshdesk did not accept the value of "Order number" (cf_order), or asks for one.',
          field: ['input', 'customFields'],
        },
      ])
    expect(JSON.stringify(await errorsOf(refused('whose', 'invalid_value')))).not.toContain('johnny')
    const rejected = async (status: number, body?: unknown) =>
      (await errorsOf({ refusal: { status, body } })).map(({ code }) => code)
    expect(await rejected(403, { code: 'access_denied', message: 'No' })).toEqual(['FORBIDDEN'])
    expect(await rejected(404)).toEqual(['NOT_FOUND'])
    expect(await rejected(409, { code: 'inconsistent_state', message: 'No' })).toEqual(['CONFLICT'])
  })

  it('FRESHDESK-06 FRESHDESK-07 is refused for tickets that are deleted, spam or archived, also where that happens meanwhile', async () => {
    const codeOf = async (options: Options) =>
      (await (await freshdesk(options)).source.updateTicket!(ref, { title: 'New' }, someCall())).userErrors.map(
        ({ code }) => code,
      )
    expect(await codeOf({ before: { deleted: true } })).toEqual(['NOT_FOUND'])
    expect(await codeOf({ before: { spam: true } })).toEqual(['CONFLICT'])
    expect(await codeOf({ before: { archived: true } })).toEqual(['CONFLICT'])
    expect(
      await codeOf({
        refusal: { status: 405, body: { message: 'PUT method is not allowed. It should be one of these method(s): GET' } },
      }),
    ).toEqual(['CONFLICT'])
    const archived = await startFreshdesk({ 'GET /api/v2/tickets/archived/20': { ...ticket, status: 5 } })
    const result = await freshdeskAt(archived.url).reopenTicket!(ref, {}, someCall())
    expect(result.userErrors).toMatchObject([
      { code: 'CONFLICT', message: 'Freshdesk has archived this ticket: open a new one in its place.' },
    ])
  })

  it('is opened again, given to agents and groups, taken from its agent, and refused where the state does not allow it', async () => {
    const reopened = await freshdesk({ before: { status: 5 }, after: { status: 2 } })
    expect((await reopened.source.reopenTicket!(ref, {}, someCall())).outcome).toBe('APPLIED')
    expect(reopened.writes()).toEqual([put({ status: 2 })])
    const resolved = await freshdesk({ before: { status: 4 }, after: { status: 2 } })
    expect((await resolved.source.reopenTicket!(ref, {}, someCall())).outcome).toBe('APPLIED')
    expect((await (await freshdesk({})).source.reopenTicket!(ref, {}, someCall())).userErrors).toMatchObject([
      { code: 'CONFLICT' },
    ])
    for (const assignee of ['302', 'BO@company.example', 'bo agent']) {
      const given = await freshdesk({ after: { responder_id: 302 } })
      expect((await given.source.reassignTicket!(ref, { assignee }, someCall())).outcome).toBe('APPLIED')
      expect(given.writes()).toEqual([put({ responder_id: 302 })])
    }
    const back = await freshdesk({ after: { responder_id: null } })
    expect((await back.source.reassignTicket!(ref, { unassign: true }, someCall())).outcome).toBe('APPLIED')
    expect(back.writes()).toEqual([put({ responder_id: null })])
    for (const [move, field] of [
      [(source: ReturnType<typeof freshdeskAt>) => source.reassignTicket!(ref, { group: '157' }, someCall()), 'group'],
      [(source: ReturnType<typeof freshdeskAt>) => source.transferTicket!(ref, { queue: '157' }, someCall()), 'queue'],
    ] as const) {
      const moved = await freshdesk({ after: { group_id: 157 } })
      expect((await move(moved.source)).outcome).toBe('APPLIED')
      expect(moved.writes()).toEqual([put({ group_id: 157 })])
      expect((await move((await freshdesk({})).source)).userErrors).toMatchObject([{ field: ['input', field] }])
    }
    const unknown = await freshdesk({})
    expect((await unknown.source.reassignTicket!(ref, { assignee: 'Zed' }, someCall())).userErrors).toMatchObject([
      { code: 'INVALID' },
    ])
    expect(unknown.writes()).toEqual([])
  })

  it('is a CONFLICT where the ticket was changed after the given time', async () => {
    const { source, writes } = await freshdesk({ after: { subject: 'New' } })
    const change = (ifUpdatedAt: string) => source.updateTicket!(ref, { title: 'New', ifUpdatedAt }, someCall())
    expect((await change('2026-03-05T10:38:51.000Z')).userErrors).toMatchObject([
      { code: 'CONFLICT', field: ['input', 'ifUpdatedAt'] },
    ])
    expect(writes()).toEqual([])
    expect((await change('2026-03-05T10:38:52.000Z')).outcome).toBe('APPLIED')
  })
})

describe('a message to a ticket of Freshdesk', () => {
  const say = { body: 'Dear <you>,\nit is out.', visibility: 'PUBLIC' as const }
  const html = '<div>Dear &lt;you&gt;,<br>it is out.</div>'
  const texts = { body: html, body_text: say.body }

  it('FRESHDESK-09 is mailed as a reply, and a note always says that it is private', async () => {
    const reply = await freshdesk({ message: texts })
    const replied = await reply.source.replyToTicket!(ref, say, someCall())
    expect([replied.outcome, replied.userErrors]).toEqual(['APPLIED', []])
    expect(replied.message).toMatchObject({ body: say.body, format: 'TEXT', visibility: 'PUBLIC' })
    expect(reply.writes()).toEqual([['POST', '/api/v2/tickets/20/reply', { body: html }]])
    const note = await freshdesk({ message: { ...texts, private: true } })
    const noted = await note.source.replyToTicket!(ref, { ...say, visibility: 'INTERNAL' }, someCall())
    expect(noted).toMatchObject({ outcome: 'APPLIED', message: { visibility: 'INTERNAL' } })
    expect(note.writes()).toEqual([['POST', '/api/v2/tickets/20/notes', { body: html, private: true }]])
  })

  it('FRESHDESK-09 says that a note became public, and that a reply was kept internal', async () => {
    const leaked = await freshdesk({ message: { ...texts, private: false } })
    expect(await leaked.source.replyToTicket!(ref, { ...say, visibility: 'INTERNAL' }, someCall())).toMatchObject({
      ...{ outcome: 'PARTIAL', userErrors: [{ code: 'NOTE_BECAME_PUBLIC', field: ['input', 'visibility'] }] },
    })
    const kept = await freshdesk({ message: { ...texts, private: true } })
    expect(await kept.source.replyToTicket!(ref, say, someCall())).toMatchObject({
      ...{ outcome: 'PARTIAL', userErrors: [{ code: 'SOURCE_REJECTED', field: ['input', 'visibility'] }] },
    })
    const lost = await freshdesk({})
    expect(await lost.source.replyToTicket!(ref, say, someCall())).toMatchObject({ outcome: 'REJECTED' })
  })

  it('FRESHDESK-12 is sent as parts to the ticket of a chat, and as it is where it is HTML', async () => {
    const chat = await freshdesk({ before: { source: 7 }, message: texts })
    await chat.source.replyToTicket!(ref, say, someCall())
    const structured = { structured_body: { body_contents: [{ type: 'text', data: { content: say.body } }] } }
    expect(chat.writes()).toEqual([['POST', '/api/v2/tickets/20/reply', structured]])
    const refused = await chat.source.replyToTicket!(ref, { ...say, format: 'HTML' }, someCall())
    expect(refused.userErrors).toMatchObject([{ code: 'NOT_SUPPORTED', field: ['input', 'format'] }])
    const noted = await freshdesk({ before: { source: 7 }, message: { ...texts, private: true } })
    await noted.source.replyToTicket!(ref, { ...say, visibility: 'INTERNAL' }, someCall())
    expect(noted.writes()).toEqual([['POST', '/api/v2/tickets/20/notes', { body: html, private: true }]])
    const markup = await freshdesk({ message: { body: '<b>Out</b>', body_text: 'Out' } })
    const sent = await markup.source.replyToTicket!(ref, { body: '<b>Out</b>', format: 'HTML', visibility: 'PUBLIC' }, someCall())
    expect(sent.message).toMatchObject({ body: '<b>Out</b>', format: 'HTML' })
    expect(markup.writes()).toEqual([['POST', '/api/v2/tickets/20/reply', { body: '<b>Out</b>' }]])
  })
})

/** A file that the gateway keeps. */
function draft(filename: string, text: string, size = Buffer.byteLength(text)): AttachmentDraft {
  return { filename, contentType: 'text/plain', size, uploadId: filename, open: () => Readable.from([Buffer.from(text)]) }
}

describe('files of Freshdesk', () => {
  it('go as a form together with their message, which is PARTIAL where one of them is lost', async () => {
    const files = [{ id: 1, name: 'a "b".txt', size: 5 }]
    const { source, writes, vendor } = await freshdesk({
      message: { body: '<div>See</div>', body_text: 'See', private: true, attachments: files },
    })
    const attachments = [draft('a "b".txt', 'first'), draft('c.txt', 'other')]
    const result = await source.replyToTicket!(ref, { body: 'See', visibility: 'INTERNAL', attachments }, someCall())
    expect(result).toMatchObject({ outcome: 'PARTIAL', userErrors: [{ field: ['input', 'attachments', '1'] }] })
    const [[, , form]] = writes() as [[string, string, string]]
    const boundary = /boundary=(.+)$/.exec(
      vendor.calls.find(({ method }) => method === 'POST')!.headers['content-type'] ?? '',
    )![1]!
    expect(form.split(`--${boundary}`)).toEqual([
      '',
      '\r\ncontent-disposition: form-data; name="body"\r\n\r\n<div>See</div>\r\n',
      '\r\ncontent-disposition: form-data; name="private"\r\n\r\ntrue\r\n',
      '\r\ncontent-disposition: form-data; name="attachments[]"; filename="a %22b%22.txt"\r\ncontent-type: text/plain\r\n\r\nfirst\r\n',
      '\r\ncontent-disposition: form-data; name="attachments[]"; filename="c.txt"\r\ncontent-type: text/plain\r\n\r\nother\r\n',
      '--\r\n',
    ])
  })

  it('are refused above 20 MB in all, before anything is sent', async () => {
    const { source, writes } = await freshdesk({})
    const attachments = [draft('a', '', 20 * 1024 * 1024), draft('b', 'x')]
    const result = await source.replyToTicket!(ref, { body: 'See', visibility: 'PUBLIC', attachments }, someCall())
    expect(result.userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'attachments'] }])
    expect(writes()).toEqual([])
  })

  it('FRESHDESK-13 are read from a new address, on another host without the key', async () => {
    const host = await startVendor(({ headers }, res) => {
      // A signed address refuses a second way to sign in.
      if (headers.authorization) res.writeHead(400).end()
      else res.writeHead(200, { 'content-length': '5' }).end('bytes')
    })
    let reads = 0
    const vendor = await startFreshdesk({
      'GET /api/v2/tickets/20': (_, res) => {
        reads += 1
        json(res, { ...ticket, attachments: [{ id: 4004, name: 'crash.log', attachment_url: `${host.url}/signed-${reads}` }] })
      },
      'GET /api/v2/tickets/20/conversations': conversations.map((one) => ({
        ...one,
        attachments: [{ id: 4005, name: 'b', attachment_url: `${host.url}/of-a-message` }],
      })),
    })
    const source = freshdeskAt(vendor.url, { upstream: { fileNetworks: ['127.0.0.1/32'] } })
    const open = async (externalId: string) => {
      const opened = await source.openFile!({ ...freshdeskRef(externalId), kind: 'attachment' }, someCall())
      return opened && (await buffer(opened.body)).toString()
    }
    expect([await open('20#4004'), await open('20#4004'), await open('20#4005')]).toEqual(['bytes', 'bytes', 'bytes'])
    expect([await open('20#1'), await open('21#4004'), await open('20')]).toEqual([null, null, null])
    expect(host.calls.map(({ path }) => path)).toEqual(['/signed-1', '/signed-2', '/of-a-message'])
  })
})

describe('a new ticket of Freshdesk', () => {
  const input = {
    ...{ source: 'freshdesk', title: 'Printer on fire', description: 'It burns.', priority: 'HIGH' as const, queue: '156' },
    ...{ type: 'Incident', tags: ['fire'], customFields: [{ key: 'cf_boxes', value: 7 }] },
    customer: { email: 'Johnny@example.com', name: 'Johnny Customer' },
  }
  const sent = {
    ...{
      status: 2,
      priority: 3,
      subject: 'Printer on fire',
      description: '<div>It burns.</div>',
      group_id: 156,
      type: 'Incident',
    },
    ...{ tags: ['fire'], custom_fields: { cf_boxes: 7 }, email: 'Johnny@example.com', name: 'Johnny Customer' },
  }
  const requester = { requester: { id: 1018, name: 'Johnny Customer', email: 'johnny@example.com' } }

  it('FRESHDESK-10 is opened with its customer, and read again, while its service levels have no times yet', async () => {
    const { source, writes, vendor } = await freshdesk({ before: { ...requester, due_by: null, fr_due_by: null } })
    const result = await source.createTicket!(input, someCall())
    expect([result.outcome, result.ref?.externalId]).toEqual(['APPLIED', '20'])
    expect(writes()).toEqual([['POST', '/api/v2/tickets', sent]])
    expect(linesOf(vendor)).toEqual(['POST /api/v2/tickets', 'GET /api/v2/tickets/20?include=requester'])
  })

  it('is PARTIAL where Freshdesk leaves a part of it out', async () => {
    const { source } = await freshdesk({ before: { ...requester, group_id: null, tags: [] } })
    const { outcome, userErrors } = await source.createTicket!(input, someCall())
    expect([outcome, userErrors.map(({ field }) => field)]).toEqual([
      'PARTIAL',
      [
        ['input', 'queue'],
        ['input', 'tags'],
      ],
    ])
  })

  it('needs a title, a description and a customer, also one by id', async () => {
    const { source, writes } = await freshdesk({})
    for (const [field, left] of [
      ['title', { title: ' ' }],
      ['description', { description: null }],
      ['customer', { customer: null }],
    ] as const)
      expect((await source.createTicket!({ ...input, ...left }, someCall())).userErrors).toMatchObject([
        { code: 'REQUIRED', field: ['input', field] },
      ])
    expect((await source.createTicket!({ ...input, customer: { externalId: 'x' } }, someCall())).userErrors).toMatchObject([
      { code: 'INVALID' },
    ])
    expect(writes()).toEqual([])
    const { title, description } = input
    await source.createTicket!(
      { source: 'freshdesk', title, description, customer: { externalId: '9007199254740993' } },
      someCall(),
    )
    expect(writes()).toHaveLength(1)
  })

  it('has its files in the same form', async () => {
    const { source, writes } = await freshdesk({ before: { ...requester, attachments: [{ id: 1, name: 'a.txt', size: 5 }] } })
    const result = await source.createTicket!({ ...input, attachments: [draft('a.txt', 'first')] }, someCall())
    expect([result.outcome, result.userErrors]).toEqual(['APPLIED', []])
    const names = [...String(writes()[0]?.[2]).matchAll(/name="([^"]+)"/g)].map(([, name]) => name)
    expect(names).toEqual(
      [
        ...[
          'status',
          'priority',
          'subject',
          'description',
          'custom_fields[cf_boxes]',
          'email',
          'name',
          'group_id',
          'type',
          'tags[]',
          'attachments[]',
          'a.txt',
        ],
      ].toSorted((one, other) => names.indexOf(one) - names.indexOf(other)),
    )
    expect(String(writes()[0]?.[2])).toContain('name="group_id"\r\n\r\n156\r\n')
  })
})

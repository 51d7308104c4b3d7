import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { someCall } from '../../support/call.ts'
import { startVendor, type VendorCall } from '../../support/vendor.ts'
import {
  comments,
  linesOf,
  longId,
  type Record,
  send,
  sideLoads,
  startZendesk,
  ticket,
  zendeskAt,
  zendeskRef,
} from './zendesk-fixture.ts'

const ref = zendeskRef('35436')

/** Zendesk with the ticket before a write, and with these changes in the answer to it and after it. */
async function zendesk(options: {
  readonly before?: Record
  readonly after?: Record
  /** What the answer has in place of the changes. */
  readonly answered?: Record
  readonly comment?: Record
  readonly onWrite?: (call: VendorCall, res: ServerResponse) => void
  readonly headers?: { [name: string]: string }
}) {
  let written = false
  const before = { ...ticket, ...options.before }
  const after = () => ({ ...before, ...(written ? options.after : {}) })
  const write = (call: VendorCall, res: ServerResponse) => {
    written = true
    if (options.onWrite) options.onWrite(call, res)
    else send(res, { ticket: { ...before, ...(options.answered ?? options.after) }, audit: { id: 905 } }, 200, options.headers)
  }
  const vendor = await startZendesk({
    'GET /api/v2/tickets/35436': (_, res) => send(res, { ticket: after(), ...sideLoads }),
    'GET /api/v2/tickets/35436/comments': (_, res) =>
      send(res, {
        comments: [
          ...comments,
          ...(written && options.comment ? [{ ...comments[1], id: 1300, audit_id: 905, ...options.comment }] : []),
        ],
      }),
    'PUT /api/v2/tickets/35436': write,
    'PUT /api/v2/tickets/35436/tags': write,
    'DELETE /api/v2/tickets/35436/tags': write,
    'GET /api/v2/groups/assignable': { groups: [{ id: 98738, name: 'First Level Support' }] },
    'GET /api/v2/group_memberships/assignable': { group_memberships: [{ id: 1, user_id: 235323, group_id: 98738 }] },
    'GET /api/v2/users/show_many': { users: [{ id: 235323, name: 'Ann Agent', email: 'ann@company.example', role: 'agent' }] },
  })
  const writes = () => vendor.calls.filter(({ method }) => method !== 'GET').map(({ method, path, body }) => [method, path, body])
  return { source: zendeskAt(vendor.url), vendor, writes }
}

const put = (body: unknown) => ['PUT', '/api/v2/tickets/35436', { ticket: body }]

describe('a change of a Zendesk ticket', () => {
  it('is sent once, with the ticket read before and after', async () => {
    const { source, vendor, writes } = await zendesk({ after: { subject: 'New', priority: 'urgent' } })
    const result = await source.updateTicket!(ref, { title: 'New', priority: 'URGENT' }, someCall())
    expect(result).toMatchObject({
      outcome: 'APPLIED',
      ticket: { title: 'New', priority: 'URGENT' },
      before: { priority: 'HIGH' },
    })
    expect(writes()).toEqual([put({ subject: 'New', priority: 'urgent' })])
    const read = 'GET /api/v2/tickets/35436?include=users,groups,organizations'
    expect(linesOf(vendor)).toEqual([read, 'PUT /api/v2/tickets/35436', read])
  })

  it('ZENDESK-12 is never APPLIED where a part was dropped, or where a header says that a part was ignored', async () => {
    const dropped = await zendesk({ after: { subject: 'New' } })
    expect(await dropped.source.updateTicket!(ref, { title: 'New', priority: 'LOW' }, someCall())).toMatchObject({
      outcome: 'PARTIAL',
      userErrors: [{ code: 'SOURCE_REJECTED', field: ['input', 'priority'] }],
    })
    const all = await zendesk({})
    expect(await all.source.updateTicket!(ref, { title: 'New' }, someCall())).toMatchObject({ outcome: 'REJECTED' })
    const headers = { 'X-Zendesk-API-Warn': 'Removed restricted keys ["ticket.color"] from parameters' }
    const warned = await zendesk({ after: { subject: 'New' }, headers })
    const result = await warned.source.updateTicket!(ref, { title: 'New' }, someCall())
    expect(result).toMatchObject({
      outcome: 'PARTIAL',
      userErrors: [{ code: 'SOURCE_REJECTED', message: 'Zendesk ignored a part of the change.' }],
    })
  })

  it('ZENDESK-12 checks custom fields before: one that there is not, and a choice that is not offered, are refused', async () => {
    const { source, writes } = await zendesk({})
    const update = (key: string, value: unknown) => source.updateTicket!(ref, { customFields: [{ key, value }] }, someCall())
    const at = (name: string) => ({
      outcome: 'REJECTED',
      userErrors: [{ code: 'INVALID', field: ['input', 'customFields', '0', name] }],
    })
    expect(await update('999', 'x')).toMatchObject(at('key'))
    expect(await update('34', 'the subject')).toMatchObject(at('key'))
    expect(await update('27660', 'switched off')).toMatchObject(at('key'))
    expect(await update('27648', 'country_xx')).toMatchObject(at('value'))
    expect(writes()).toEqual([])
    const custom_fields = [
      { id: 27642, value: '12' },
      { id: 27648, value: 'country_tw' },
    ]
    const changed = await zendesk({ after: { custom_fields } })
    const customFields = [
      { key: '27642', value: 12 },
      { key: '27648', value: 'country_tw' },
    ]
    expect(await changed.source.updateTicket!(ref, { customFields }, someCall())).toMatchObject({ outcome: 'APPLIED' })
    expect(changed.writes()).toEqual([
      put({
        custom_fields: [
          { id: 27642, value: 12 },
          { id: 27648, value: 'country_tw' },
        ],
      }),
    ])
  })

  it('is APPLIED where the answer shows it, though another account has changed it since', async () => {
    const { source } = await zendesk({ answered: { subject: 'Mine' }, after: { subject: 'Of another' } })
    const result = await source.updateTicket!(ref, { title: 'Mine' }, someCall())
    expect(result).toMatchObject({ outcome: 'APPLIED', ticket: { title: 'Of another' } })
  })

  it('ZENDESK-06 with `ifUpdatedAt` is a safe update by the time that was read, and says nothing of it otherwise', async () => {
    const ifUpdatedAt = '2026-03-05T10:38:52.000Z'
    const { source, writes } = await zendesk({ after: { subject: 'New' } })
    expect(await source.updateTicket!(ref, { title: 'New', ifUpdatedAt }, someCall())).toMatchObject({ outcome: 'APPLIED' })
    expect(writes()).toEqual([put({ subject: 'New', safe_update: true, updated_stamp: '2026-03-05T10:38:52Z' })])
    const changed = await zendesk({ before: { updated_at: '2026-03-05T10:38:53Z' } })
    const conflict = { outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT' }] }
    expect(await changed.source.updateTicket!(ref, { title: 'New', ifUpdatedAt }, someCall())).toMatchObject(conflict)
    expect(changed.writes()).toEqual([])
    const refuse = (error: string) => (_: VendorCall, res: ServerResponse) => send(res, { error, description: 'No' }, 409)
    for (const error of ['UpdateConflict', 'DatabaseConflict']) {
      const late = await zendesk({ onWrite: refuse(error) })
      expect(await late.source.updateTicket!(ref, { title: 'New' }, someCall())).toMatchObject(conflict)
    }
  })

  it('ZENDESK-08 adds and removes tags by calls of their own, and never sends a list of all', async () => {
    const { source, writes } = await zendesk({ after: { tags: ['country_sg', 'other_tag', 'new_tag'] } })
    const input = { addTags: ['New_Tag', 'other_tag'], removeTags: ['enterprise', 'unknown'] }
    expect(await source.updateTicket!(ref, input, someCall())).toMatchObject({
      outcome: 'APPLIED',
      ticket: { tags: ['other_tag', 'new_tag'] },
    })
    expect(writes()).toEqual([
      ['PUT', '/api/v2/tickets/35436/tags', { tags: ['new_tag'] }],
      ['DELETE', '/api/v2/tickets/35436/tags', { tags: ['enterprise'] }],
    ])
    // All tags: what a choice of a field has added stays.
    const all = await zendesk({ after: { tags: ['country_sg', 'only'] } })
    expect(await all.source.updateTicket!(ref, { tags: ['only'] }, someCall())).toMatchObject({ outcome: 'APPLIED' })
    expect(all.writes()).toEqual([
      ['PUT', '/api/v2/tickets/35436/tags', { tags: ['only'] }],
      ['DELETE', '/api/v2/tickets/35436/tags', { tags: ['enterprise', 'other_tag'] }],
    ])
    const blank = await zendesk({})
    expect(await blank.source.updateTicket!(ref, { addTags: ['two words'] }, someCall())).toMatchObject({ outcome: 'REJECTED' })
    expect(blank.writes()).toEqual([])
  })

  it('ZENDESK-08 is PARTIAL where the fields were changed and the tags were not', async () => {
    const onWrite = ({ path }: VendorCall, res: ServerResponse) =>
      path.endsWith('/tags')
        ? send(res, { error: { title: 'Forbidden', message: 'No' } }, 403)
        : send(res, { ticket: { ...ticket, subject: 'New' } })
    const { source, writes } = await zendesk({ after: { subject: 'New' }, onWrite })
    const result = await source.updateTicket!(ref, { title: 'New', addTags: ['vip'] }, someCall())
    expect(result).toMatchObject({ outcome: 'PARTIAL', userErrors: [{ field: ['input', 'addTags'] }] })
    expect(writes()).toHaveLength(2)
  })

  it('ZENDESK-09 is refused for a closed ticket, before it is sent and where the ticket was closed meanwhile', async () => {
    const closed = await zendesk({ before: { status: 'closed' } })
    const conflict = {
      outcome: 'REJECTED',
      userErrors: [{ code: 'CONFLICT', message: expect.stringContaining('closed this ticket for good') }],
    }
    const tries = [
      closed.source.updateTicket!(ref, { title: 'New' }, someCall()),
      closed.source.updateTicket!(ref, { addTags: ['vip'] }, someCall()),
      closed.source.replyToTicket!(ref, { body: 'Hello', visibility: 'PUBLIC' }, someCall()),
      closed.source.reopenTicket!(ref, {}, someCall()),
    ]
    for (const result of await Promise.all(tries)) expect(result).toMatchObject(conflict)
    expect(closed.writes()).toEqual([])
    const details = { status: [{ description: 'Status: closed prevents ticket update', error: 'InvalidValue' }] }
    const onWrite = (_: VendorCall, res: ServerResponse) =>
      send(res, { error: 'RecordInvalid', description: 'Record validation errors', details }, 422)
    const late = await zendesk({ onWrite })
    expect(await late.source.updateTicket!(ref, { title: 'New' }, someCall())).toMatchObject(conflict)
  })

  it('sets a status by its category, or by the custom status that means it or is named', async () => {
    const update = async (input: object, after: Record) => {
      const { source, writes } = await zendesk({ after })
      return [(await source.updateTicket!(ref, input, someCall())).outcome, ...writes()]
    }
    expect(await update({ status: 'PENDING' }, { status: 'pending', custom_status_id: 503 })).toEqual([
      'APPLIED',
      put({ status: 'pending' }),
    ])
    expect(await update({ statusOption: '502' }, { custom_status_id: 502 })).toEqual(['APPLIED', put({ custom_status_id: 502 })])
    // It is open already, by another custom status.
    expect(await update({ status: 'OPEN' }, {})).toEqual(['APPLIED'])
    expect(await update({ statusOption: '509' }, {})).toEqual(['REJECTED'])
    expect(await update({ status: 'CLOSED' }, {})).toEqual(['REJECTED'])
  })

  it('is closed by `solved`, and reopened from there only', async () => {
    const open = await zendesk({ after: { status: 'solved', custom_status_id: 505 } })
    expect(await open.source.closeTicket!(ref, {}, someCall())).toMatchObject({
      outcome: 'APPLIED',
      ticket: { status: 'RESOLVED' },
    })
    expect(open.writes()).toEqual([put({ status: 'solved' })])
    const solved = await zendesk({
      before: { status: 'solved', custom_status_id: 505 },
      after: { status: 'open', custom_status_id: 502 },
    })
    expect(await solved.source.reopenTicket!(ref, {}, someCall())).toMatchObject({
      outcome: 'APPLIED',
      ticket: { status: 'OPEN' },
    })
    expect(solved.writes()).toEqual([put({ status: 'open' })])
    const again = await zendesk({})
    expect(await again.source.reopenTicket!(ref, {}, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'CONFLICT' }],
    })
  })

  it('ZENDESK-15 is given to an agent or a group by ids with all their digits, and to an agent by address or name', async () => {
    const long = await zendesk({ before: { assignee_id: null }, after: { assignee_id: longId } })
    expect(await long.source.reassignTicket!(ref, { assignee: longId }, someCall())).toMatchObject({
      outcome: 'APPLIED',
      ticket: { assignee: { externalId: longId } },
    })
    const named = await zendesk({ before: { assignee_id: null }, after: { assignee_id: 235323 } })
    expect(await named.source.reassignTicket!(ref, { assignee: 'ANN@company.example' }, someCall())).toMatchObject({
      outcome: 'APPLIED',
    })
    expect(named.writes()).toEqual([put({ assignee_id: 235323 })])
    const none = await zendesk({ after: { assignee_id: null } })
    expect(await none.source.reassignTicket!(ref, { unassign: true }, someCall())).toMatchObject({
      outcome: 'APPLIED',
      ticket: { assignee: null },
    })
    expect(none.writes()).toEqual([put({ assignee_id: null })])
    const unknown = await zendesk({})
    const result = await unknown.source.reassignTicket!(ref, { assignee: 'Who' }, someCall())
    expect(result).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'INVALID', field: ['input', 'assignee'] }] })
    const moved = await zendesk({ after: { group_id: 5 } })
    expect(await moved.source.transferTicket!(ref, { queue: '5' }, someCall())).toMatchObject({
      outcome: 'APPLIED',
      ticket: { queueKey: '5' },
    })
  })

  it('is refused by the words of each of the shapes that errors have', async () => {
    const refuse = async (status: number, body: unknown) => {
      const { source } = await zendesk({ onWrite: (_, res) => send(res, body, status) })
      const { outcome, userErrors } = await source.updateTicket!(ref, { title: 'New' }, someCall())
      return [outcome, userErrors[0]?.code, userErrors[0]?.field]
    }
    const details = { subject: [{ description: 'Subject: cannot be blank', error: 'BlankValue' }] }
    expect(await refuse(422, { error: 'RecordInvalid', description: 'No', details })).toEqual([
      'REJECTED',
      'INVALID',
      ['input', 'title'],
    ])
    expect(await refuse(422, { error: 'RecordInvalid', details: { base: [{ description: 'Too many comments' }] } })).toEqual([
      'REJECTED',
      'INVALID',
      null,
    ])
    expect(await refuse(403, { error: { title: 'Forbidden', message: 'No' } })).toEqual(['REJECTED', 'FORBIDDEN', null])
    expect(await refuse(404, { error: 'RecordNotFound', description: 'Not found' })).toEqual(['REJECTED', 'NOT_FOUND', null])
    expect(await refuse(400, { errors: [{ code: 'X', title: 'No' }] })).toEqual(['REJECTED', 'INVALID', null])
    const limited = await zendesk({
      onWrite: (_, res) => send(res, { error: 'APIRateLimitExceeded' }, 429, { 'retry-after': '9' }),
    })
    await expect(limited.source.updateTicket!(ref, { title: 'New' }, someCall())).rejects.toMatchObject({
      code: 'UPSTREAM_RATE_LIMITED',
      retryAfter: 9,
    })
  })

  it('is UNKNOWN, and sent once, when its answer is lost', async () => {
    const { source, writes } = await zendesk({ onWrite: (_, res) => res.destroy() })
    expect(await source.updateTicket!(ref, { title: 'New' }, someCall())).toMatchObject({ outcome: 'UNKNOWN' })
    expect(writes()).toHaveLength(1)
  })
})

describe('a message to Zendesk', () => {
  const note = { body: 'For us only', visibility: 'INTERNAL' as const }

  it('ZENDESK-07 always says whether it is public, and is what the thread then has', async () => {
    const internal = await zendesk({ comment: { body: 'For us only', public: false, html_body: null } })
    expect(await internal.source.replyToTicket!(ref, note, someCall())).toMatchObject({
      outcome: 'APPLIED',
      message: { body: 'For us only', visibility: 'INTERNAL' },
    })
    expect(internal.writes()).toEqual([put({ comment: { body: 'For us only', public: false } })])
    const reply = await zendesk({ comment: { body: 'Hi', public: true, html_body: '<div><em>Hi</em></div>' } })
    const html = { body: '<em>Hi</em>', format: 'HTML' as const, visibility: 'PUBLIC' as const }
    expect(await reply.source.replyToTicket!(ref, html, someCall())).toMatchObject({
      outcome: 'APPLIED',
      message: { format: 'HTML', visibility: 'PUBLIC' },
    })
    expect(reply.writes()).toEqual([put({ comment: { html_body: '<em>Hi</em>', public: true } })])
  })

  it('ZENDESK-07 says that a note became public, and that a reply did not', async () => {
    const published = await zendesk({ comment: { body: 'For us only', public: true } })
    expect(await published.source.replyToTicket!(ref, note, someCall())).toMatchObject({
      outcome: 'PARTIAL',
      userErrors: [{ code: 'NOTE_BECAME_PUBLIC', field: ['input', 'visibility'] }],
    })
    const kept = await zendesk({ comment: { body: 'Hi', public: false } })
    expect(await kept.source.replyToTicket!(ref, { body: 'Hi', visibility: 'PUBLIC' }, someCall())).toMatchObject({
      outcome: 'PARTIAL',
      userErrors: [{ code: 'SOURCE_REJECTED', field: ['input', 'visibility'] }],
    })
  })

  it('is rejected where the thread does not have it, and UNKNOWN where the answer names none', async () => {
    const lost = await zendesk({})
    expect(await lost.source.replyToTicket!(ref, note, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'SOURCE_REJECTED' }],
    })
    const unnamed = await zendesk({ onWrite: (_, res) => send(res, {}) })
    expect(await unnamed.source.replyToTicket!(ref, note, someCall())).toMatchObject({ outcome: 'UNKNOWN' })
  })

  it('has files by the tokens of their uploads, and says which did not come with it', async () => {
    const files = [{ id: 1, file_name: 'a.png', content_url: 'https://files.example/a', content_type: 'image/png', size: 3 }]
    const { source, writes } = await zendesk({ comment: { body: 'See', public: true, attachments: files } })
    const attachments = [
      { filename: 'a.png', uploadId: 'token-a' },
      { filename: 'b.png', uploadId: 'token-b' },
    ]
    const result = await source.replyToTicket!(ref, { body: 'See', visibility: 'PUBLIC', attachments }, someCall())
    expect(result).toMatchObject({ outcome: 'PARTIAL', userErrors: [{ field: ['input', 'attachments', '1'] }] })
    expect(writes()).toEqual([put({ comment: { body: 'See', public: true, uploads: ['token-a', 'token-b'] } })])
  })
})

describe('a new ticket of Zendesk', () => {
  const created = { ...ticket, id: 77, subject: 'Late', description: 'Where is it?', tags: ['vip'] }
  const input = { source: 'zendesk', title: 'Late', description: 'Where is it?' }

  async function creating(after: Record, headers: { [name: string]: string } = {}) {
    const vendor = await startZendesk({
      'POST /api/v2/tickets': (_, res) => send(res, { ticket: { id: 77 }, audit: { id: 1 } }, 201, headers),
      'GET /api/v2/tickets/77': { ticket: { ...created, ...after }, ...sideLoads },
    })
    return { source: zendeskAt(vendor.url), post: () => vendor.calls.find(({ method }) => method === 'POST') }
  }

  it('ZENDESK-14 is opened with its customer, group, tags and fields, and read again by its id', async () => {
    const { source, post } = await creating({})
    const customer = { name: 'Johnny Customer', email: 'Johnny@example.com' }
    const more = {
      customer,
      queue: '98738',
      type: 'incident',
      priority: 'HIGH' as const,
      tags: ['VIP'],
      customFields: [{ key: '27642', value: 745 }],
    }
    expect(await source.createTicket!({ ...input, ...more }, someCall())).toMatchObject({
      outcome: 'APPLIED',
      ref: { externalId: '77' },
    })
    expect(post()?.body).toEqual({
      ticket: {
        ...{ subject: 'Late', comment: { body: 'Where is it?', public: true }, requester: customer, group_id: 98738 },
        ...{ type: 'incident', priority: 'high', tags: ['vip'], custom_fields: [{ id: 27642, value: 745 }] },
      },
    })
    expect(post()?.headers['idempotency-key']).toBeUndefined()
  })

  it('is PARTIAL where Zendesk left something out, or says that it did', async () => {
    const { source } = await creating({ group_id: null })
    expect(await source.createTicket!({ ...input, queue: '98738' }, someCall())).toMatchObject({
      outcome: 'PARTIAL',
      userErrors: [{ field: ['input', 'queue'] }],
    })
    const warned = await creating({}, { 'x-zendesk-api-warn': 'Removed restricted keys' })
    expect(await warned.source.createTicket!(input, someCall())).toMatchObject({ outcome: 'PARTIAL', ref: { externalId: '77' } })
  })

  it('ZENDESK-18 is sent under a key of the viewer, so that a lost answer can be asked for again', async () => {
    const keyOf = async (id: string) => {
      const { source, post } = await creating({})
      await source.createTicket!({ ...input, idempotencyKey: 'k1' }, someCall({ viewerId: id }))
      return post()?.headers['idempotency-key']
    }
    // sha256 of `["ann","k1"]`
    expect(await keyOf('ann')).toBe('40e376a8ff2ec9082274beab81fac114484e03ad075bba5bc1513f8b55fb9323')
    expect(await keyOf('bo')).not.toBe(await keyOf('ann'))
  })

  it('needs a title and a description', async () => {
    const { source, post } = await creating({})
    const required = (field: string) => ({ outcome: 'REJECTED', userErrors: [{ code: 'REQUIRED', field: ['input', field] }] })
    expect(await source.createTicket!({ ...input, title: ' ' }, someCall())).toMatchObject(required('title'))
    expect(await source.createTicket!({ ...input, description: null }, someCall())).toMatchObject(required('description'))
    expect(post()).toBeUndefined()
  })
})

describe('files of Zendesk', () => {
  const fileRef = { ...zendeskRef('35436#498483'), kind: 'attachment' as const }
  const textOf = async (body: Readable) => Buffer.concat(await body.toArray()).toString()

  it('ZENDESK-16 are read from the address that Zendesk gives, and no credentials go to another host', async () => {
    const files = await startVendor((_, res) => res.end('log of the crash'))
    const vendor = await startZendesk({
      'GET /api/v2/attachments/498483': {
        attachment: { id: 498483, file_name: 'crash.log', content_url: `${files.url}/secret?name=crash.log` },
      },
    })
    const source = zendeskAt(vendor.url, { upstream: { fileNetworks: ['127.0.0.1/32'] } })
    const opened = await source.openFile!(fileRef, someCall())
    expect(await textOf(opened!.body)).toBe('log of the crash')
    expect(files.lines()).toEqual(['GET /secret?name=crash.log'])
    expect(files.calls[0]?.headers.authorization).toBeUndefined()
    // Without that permission no private address is asked.
    await expect(zendeskAt(vendor.url).openFile!(fileRef, someCall())).rejects.toMatchObject({ source: 'zendesk' })
    expect(files.lines()).toHaveLength(1)
  })

  it('are null where there is none, and where Zendesk has deleted it', async () => {
    const vendor = await startZendesk({
      'GET /api/v2/attachments/498483': { attachment: { id: 498483, deleted: true, content_url: 'https://x.example/a' } },
    })
    expect(await zendeskAt(vendor.url).openFile!(fileRef, someCall())).toBeNull()
    expect(await zendeskAt(vendor.url).openFile!({ ...fileRef, externalId: '35436#1' }, someCall())).toBeNull()
  })

  it('go up as they are, and are named by a token', async () => {
    const vendor = await startVendor((_, res) => send(res, { upload: { token: 'abc', attachment: {} } }, 201))
    // The server of this test reads bodies as JSON.
    const body = Readable.from([Buffer.from('[1]')])
    const file = { filename: 'a b.json', contentType: 'application/json', size: 3, body }
    expect(await zendeskAt(vendor.url).uploadFile!(file, someCall())).toBe('abc')
    expect(vendor.calls[0]).toMatchObject({ method: 'POST', path: '/api/v2/uploads?filename=a+b.json', body: [1] })
    expect(vendor.calls[0]?.headers['content-type']).toBe('application/json')
  })
})

describe('the lists of a Zendesk account', () => {
  it('name agents, groups and the fields of tickets', async () => {
    const { source } = await zendesk({})
    expect(await source.agents!({ search: 'ANN', first: 9 }, someCall())).toMatchObject([
      { externalId: '235323', name: 'Ann Agent' },
    ])
    expect(await source.groups!({ first: 9 }, someCall())).toMatchObject([{ externalId: '98738', name: 'First Level Support' }])
    expect(await source.transferQueues!(someCall())).toEqual([{ key: '98738', name: 'First Level Support', language: null }])
    const definitions = await source.customFieldDefinitions!({ queue: null, type: null }, someCall())
    expect(definitions.map(({ key, type, required }) => [key, type, required])).toEqual([
      ['27642', 'NUMBER', false],
      ['27648', 'CHOICE', true],
      ['27650', 'BOOLEAN', false],
    ])
    const form = await source.createForm!({ queue: null, type: null, market: null }, someCall())
    expect(form.map(({ key }) => key)).toEqual([
      'title',
      'description',
      'customer',
      'queue',
      'type',
      'priority',
      '27642',
      '27648',
      '27650',
    ])
  })
})

import { describe, expect, it } from 'vitest'
import type { CreateTicket, ReplyToTicket, UpdateTicket } from '../../../src/domain/writes.ts'
import { someCall } from '../../support/call.ts'
import { json, type Vendor } from '../../support/vendor.ts'
import {
  inProgress,
  intercomAt,
  intercomRef,
  now,
  part,
  parts,
  type Record,
  refusal,
  resolved,
  startIntercom,
  ticket,
} from './intercom-fixture.ts'

const ref = intercomRef('627')

/** Intercom that takes each change as `apply` says, so that the next read shows it. */
async function startWritable(
  apply: (body: Record, before: Record) => Record = (body) => body,
  before: Record = ticket,
  answers: Parameters<typeof startIntercom>[0] = {},
): Promise<Vendor> {
  let current = before
  return startIntercom({
    'GET /tickets/627': (_, res) => json(res, current),
    'PUT /tickets/627': ({ body }, res) => {
      const {
        ticket_attributes = {},
        ticket_state_id: _,
        admin_id: __,
        assignee_id: ___,
        ...rest
      } = apply(body as Record, current)
      const attributes = { ...(current.ticket_attributes as Record), ...(ticket_attributes as Record) }
      current = { ...current, ...rest, ticket_attributes: attributes }
      json(res, current)
    },
    ...answers,
  })
}

/** Intercom with a thread that a reply is added to. `toPart` makes the part of the sent message. */
async function startThread(toPart: (sent: Record) => Record, before: Record = ticket, total?: number): Promise<Vendor> {
  let list = parts
  return startIntercom({
    'GET /tickets/627': (_, res) =>
      json(res, { ...before, ticket_parts: { ticket_parts: list.slice(0, total ?? list.length), total_count: list.length } }),
    'POST /tickets/627/reply': ({ body }, res) => {
      const added = toPart(body as Record)
      list = [...list, added]
      json(res, added)
    },
  })
}

const sent = (vendor: Vendor) =>
  vendor.calls
    .filter(({ method, path }) => method !== 'GET' && path !== '/contacts/search')
    .map(({ method, path, body }) => [method, path, body])

async function update(input: UpdateTicket, vendor: Vendor, config: Record = {}, email: string | null = null) {
  return intercomAt(vendor.url, config).updateTicket!(ref, input, someCall({ email }))
}

describe('changes of tickets of Intercom', () => {
  it('INTERCOM-02 are sent by the names of attributes, in one call, and are read back', async () => {
    const vendor = await startWritable()
    const customFields = [
      { key: '171', value: 5 },
      { key: '173', value: '2026-02-01T00:00:00.000Z' },
    ]
    const result = await update({ title: 'New title', description: 'New text', priority: 'LOW', customFields }, vendor)
    expect(result).toMatchObject({ outcome: 'APPLIED', userErrors: [] })
    expect(sent(vendor)).toEqual([
      [
        ...['PUT', '/tickets/627'],
        {
          admin_id: 991267999,
          ticket_attributes: {
            ...{ _default_title_: 'New title', _default_description_: 'New text' },
            ...{ Urgency: 'aaaa-1', Boxes: 5, 'Delivered at': 1769904000 },
          },
        },
      ],
    ])
  })

  it('are not applied where the ticket does not have them afterwards', async () => {
    const vendor = await startWritable(() => ({}))
    expect(await update({ title: 'New title' }, vendor)).toMatchObject({
      ...{ outcome: 'REJECTED', userErrors: [{ code: 'SOURCE_REJECTED', field: ['input', 'title'] }] },
    })
    const half = await startWritable(() => ({ ticket_attributes: { _default_title_: 'New title' } }))
    expect(await update({ title: 'New title', description: 'New text' }, half)).toMatchObject({
      ...{ outcome: 'PARTIAL', userErrors: [{ field: ['input', 'description'] }] },
    })
  })

  it('are refused before anything is sent, where a field or its value is not one of the ticket type', async () => {
    const vendor = await startWritable()
    for (const [customField, place] of [
      [{ key: '999', value: 'x' }, 'key'],
      [{ key: '165', value: 'The title is no custom field' }, 'key'],
      [{ key: '175', value: 'Archived' }, 'key'],
      [{ key: '170', value: 'High' }, 'value'],
      [{ key: '171', value: 1.5 }, 'value'],
      [{ key: '172', value: 'yes' }, 'value'],
      [{ key: '173', value: 'soon' }, 'value'],
    ] as const) {
      expect(await update({ customFields: [customField] }, vendor)).toMatchObject({
        ...{ outcome: 'REJECTED', userErrors: [{ code: 'INVALID', field: ['input', 'customFields', '0', place] }] },
      })
    }
    expect(await update({ priority: 'URGENT' }, vendor)).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['input', 'priority'] }],
    })
    expect(await update({ ifUpdatedAt: '2026-01-01T00:00:00.000Z', title: 'x' }, vendor)).toMatchObject({
      userErrors: [{ code: 'CONFLICT', field: ['input', 'ifUpdatedAt'] }],
    })
    expect(sent(vendor)).toEqual([])
  })

  it('INTERCOM-09 are done as the teammate with the login of the viewer, else as the one whose token it is', async () => {
    const actorOf = async (email: string | null, config: Record = {}) => {
      const vendor = await startWritable()
      await update({ title: 'New title' }, vendor, config, email)
      return (sent(vendor)[0]![2] as Record).admin_id
    }
    expect(await actorOf('bea@DESK.example')).toBe(991267944)
    expect(await actorOf('unknown@desk.example')).toBe(991267999)
    expect(await actorOf(null)).toBe(991267999)
    expect(await actorOf('bea@desk.example', { actAsViewer: false })).toBe(991267999)
  })

  it('INTERCOM-08 set a state, and wake a ticket that is closed or snoozed', async () => {
    const apply = (body: Record, before: Record): Record => ({
      ...(body.open === undefined ? {} : { open: body.open, ...(body.snoozed_until === undefined && { snoozed_until: null }) }),
      ...(body.snoozed_until !== undefined && { snoozed_until: body.snoozed_until }),
      ticket_state:
        body.ticket_state_id === '8322' ? inProgress : body.ticket_state_id === '8324' ? resolved : before.ticket_state,
    })
    const changed = async (input: UpdateTicket, before: Record = {}) => {
      const vendor = await startWritable(apply, { ...ticket, ...before })
      const { outcome } = await update(input, vendor)
      const { admin_id: _, ...body } = sent(vendor)[0]![2] as Record
      return [outcome, body]
    }
    expect(await changed({ status: 'RESOLVED' })).toEqual(['APPLIED', { ticket_state_id: '8324' }])
    expect(await changed({ status: 'IN_PROGRESS' }, { open: false })).toEqual([
      'APPLIED',
      { ticket_state_id: '8322', open: true },
    ])
    expect(await changed({ statusOption: '8322' }, { snoozed_until: 1773619200, ticket_state: resolved })).toEqual([
      ...['APPLIED', { ticket_state_id: '8322', open: true }],
    ])
    expect(await changed({ status: 'CLOSED' })).toEqual(['APPLIED', { open: false }])
    expect(await changed({ status: 'ON_HOLD' })).toEqual(['APPLIED', { open: true, snoozed_until: now / 1000 + 24 * 3600 }])
    expect(await changed({ status: 'ON_HOLD' }, { ticket_state: resolved, open: false })).toEqual([
      ...['APPLIED', { open: true, snoozed_until: now / 1000 + 24 * 3600, ticket_state_id: '8322' }],
    ])
    const ended = await startWritable(apply, { ...ticket, ticket_state: resolved })
    expect(await update({ status: 'CLOSED' }, ended)).toMatchObject({
      userErrors: [{ code: 'CONFLICT', field: ['input', 'status'] }],
    })
    expect(sent(ended)).toEqual([])
    const vendor = await startWritable(apply)
    expect(await update({ status: 'ESCALATED' }, vendor)).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['input', 'status'] }],
    })
    expect(await update({ statusOption: '777' }, vendor)).toMatchObject({ userErrors: [{ code: 'CONFLICT' }] })
  })

  it('INTERCOM-08 close a ticket in its state, and open it again in one that is not resolved', async () => {
    const apply = (body: Record, before: Record): Record => ({
      ...{ open: body.open, ticket_state: body.ticket_state_id === '8322' ? inProgress : before.ticket_state },
    })
    const vendor = await startWritable(apply, { ...ticket, ticket_state: resolved })
    const source = intercomAt(vendor.url)
    expect(await source.closeTicket!(ref, {}, someCall())).toMatchObject({ outcome: 'APPLIED' })
    expect(await source.closeTicket!(ref, {}, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'CONFLICT' }],
    })
    expect(await source.reopenTicket!(ref, {}, someCall())).toMatchObject({ outcome: 'APPLIED' })
    expect(await source.reopenTicket!(ref, {}, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'CONFLICT' }],
    })
    expect(sent(vendor).map(([, , body]) => body)).toEqual([
      { open: false, admin_id: 991267999 },
      { open: true, ticket_state_id: '8322', admin_id: 991267999 },
    ])
  })

  it('INTERCOM-06 give a ticket to a teammate, a team or none by one field, and see it in the two fields', async () => {
    const apply = ({ assignee_id: id }: Record): Record =>
      id === '0' ? { admin_assignee_id: '0' } : { [id === '814866' ? 'team_assignee_id' : 'admin_assignee_id']: id }
    const vendor = await startWritable(apply)
    const source = intercomAt(vendor.url)
    const reassign = async (input: object) => (await source.reassignTicket!(ref, input, someCall())).outcome
    expect(await reassign({ assignee: 'bea@desk.example' })).toBe('APPLIED')
    expect(await reassign({ group: '814866' })).toBe('APPLIED')
    expect(await reassign({ unassign: true })).toBe('APPLIED')
    expect((await source.transferTicket!(ref, { queue: '814866' }, someCall())).outcome).toBe('APPLIED')
    expect(sent(vendor).map(([, , body]) => (body as Record).assignee_id)).toEqual(['991267944', '814866', '0', '814866'])
    for (const [input, field] of [
      [{ assignee: 'Ciaran Lee' }, 'assignee'],
      [{ assignee: '814866' }, 'assignee'],
      [{ group: '991267944' }, 'group'],
    ] as const) {
      expect(await source.reassignTicket!(ref, input, someCall())).toMatchObject({
        ...{ outcome: 'REJECTED', userErrors: [{ code: 'INVALID', field: ['input', field] }] },
      })
    }
    expect(sent(vendor)).toHaveLength(4)
  })

  it('INTERCOM-15 add and remove tags by calls of their own, which alone prove them: a ticket does not show its tags', async () => {
    const tag = { type: 'tag', id: '102', name: 'vip', applied_at: 1767225600, applied_by: { type: 'admin', id: '991267999' } }
    const vendor = await startWritable(undefined, ticket, {
      'POST /tickets/627/tags': tag,
      'DELETE /tickets/627/tags/103': { type: 'tag', id: '103', name: 'Refund' },
    })
    expect(await update({ addTags: ['vip'], removeTags: ['refund'] }, vendor)).toMatchObject({ outcome: 'APPLIED' })
    expect(sent(vendor)).toEqual([
      ['POST', '/tickets/627/tags', { id: '102', admin_id: '991267999' }],
      ['DELETE', '/tickets/627/tags/103', { admin_id: '991267999' }],
    ])
    expect(await update({ addTags: ['No such tag'] }, vendor)).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['input', 'addTags', '0'] }],
    })
    const half = await startWritable(undefined, ticket, {
      'POST /tickets/627/tags': (_, res) => json(res, refusal('server'), 404),
    })
    expect(await update({ title: 'New title', addTags: ['vip'] }, half)).toMatchObject({
      ...{ outcome: 'PARTIAL', userErrors: [{ field: ['input', 'addTags', '0'] }] },
    })
    // A success without the tag proves nothing, and after a refusal nothing more is sent.
    const unproven = await startWritable(undefined, ticket, { 'POST /tickets/627/tags': {} })
    expect(await update({ addTags: ['vip'] }, unproven)).toMatchObject({ outcome: 'REJECTED' })
    const refusing = await startWritable(undefined, ticket, {
      'PUT /tickets/627': (_, res) => json(res, refusal('parameter_invalid'), 422),
    })
    expect(await update({ title: 'New title', addTags: ['vip'] }, refusing)).toMatchObject({ outcome: 'REJECTED' })
    expect(sent(refusing).map(([method]) => method)).toEqual(['PUT'])
    expect(intercomAt(vendor.url).info.capabilities.takes.UPDATE).not.toContain('tags')
  })

  it('know a team and a tag that were made a moment ago', async () => {
    let isMade = false
    const answer = (before: Record, after: Record) => (_: unknown, res: Parameters<typeof json>[0]) =>
      json(res, isMade ? after : before)
    const vendor = await startWritable(({ assignee_id }) => ({ team_assignee_id: assignee_id }), ticket, {
      'GET /teams': answer({ teams: [] }, { teams: [{ id: '814867', name: 'New team' }] }),
      'GET /tags': answer({ data: [] }, { data: [{ id: '104', name: 'new tag' }] }),
      'POST /tickets/627/tags': { type: 'tag', id: '104', name: 'new tag' },
    })
    const source = intercomAt(vendor.url)
    const transfer = async () => (await source.transferTicket!(ref, { queue: '814867' }, someCall())).outcome
    const tag = async () => (await source.updateTicket!(ref, { addTags: ['New tag'] }, someCall())).outcome
    expect([await transfer(), await tag()]).toEqual(['REJECTED', 'REJECTED'])
    isMade = true
    expect([await transfer(), await tag()]).toEqual(['APPLIED', 'APPLIED'])
  })

  it('tell which field an error of Intercom is about, and nothing of its text', async () => {
    const refused = async (code: string, status: number) => {
      const vendor = await startWritable(undefined, ticket, {
        'PUT /tickets/627': (_, res) => json(res, refusal(code, 'Ida Kunde'), status),
      })
      const { outcome, userErrors } = await update({ title: 'New title' }, vendor)
      expect(JSON.stringify(userErrors)).not.toContain('Ida')
      return [outcome, userErrors[0]?.code, userErrors[0]?.field]
    }
    expect(await refused('assignee_not_found', 404)).toEqual(['REJECTED', 'INVALID', ['input', 'assignee']])
    expect(await refused('ticket_state_id_invalid', 400)).toEqual(['REJECTED', 'INVALID', ['input', 'statusOption']])
    expect(await refused('ticket_not_found', 404)).toEqual(['REJECTED', 'NOT_FOUND', null])
    expect(await refused('parameter_invalid', 422)).toEqual(['REJECTED', 'INVALID', null])
  })

  it('INTERCOM-12 are proven by the ticket where a 200 has no JSON', async () => {
    const apply = { 'PUT /tickets/627': (_: unknown, res: Parameters<typeof json>[0]) => void res.writeHead(200).end('OK') }
    expect(await update({ title: 'New title' }, await startWritable(undefined, ticket, apply))).toMatchObject({
      outcome: 'REJECTED',
    })
    expect(await update({ title: 'The app is broken' }, await startWritable(undefined, ticket, apply))).toMatchObject({
      outcome: 'APPLIED',
    })
  })
})

describe('messages of Intercom', () => {
  const toPart = ({ message_type, body, attachment_urls }: Record): Record => {
    const files = ((attachment_urls ?? []) as string[]).map((url) => ({ type: 'upload', name: 'a.png', url }))
    const html = String(body).startsWith('<p>') ? String(body) : `<p>${body}</p>`
    return part('156', String(message_type), html, { attachments: files })
  }
  const reply = async (input: ReplyToTicket, vendor: Vendor) => intercomAt(vendor.url).replyToTicket!(ref, input, someCall())

  it('INTERCOM-09 are those of a teammate: a reply is a comment, and a note a kind of its own', async () => {
    const vendor = await startThread(toPart)
    expect(await reply({ body: 'Good news', visibility: 'PUBLIC' }, vendor)).toMatchObject({
      ...{ outcome: 'APPLIED', message: { body: 'Good news', visibility: 'PUBLIC' } },
    })
    expect(sent(vendor)).toEqual([
      ...[['POST', '/tickets/627/reply', { message_type: 'comment', type: 'admin', admin_id: '991267999', body: 'Good news' }]],
    ])
    const other = await startThread(toPart)
    expect(await reply({ body: 'Is <old>\n& slow', visibility: 'INTERNAL' }, other)).toMatchObject({
      ...{ outcome: 'APPLIED', message: { body: 'Is <old>\n& slow', visibility: 'INTERNAL' } },
    })
    expect(sent(other)[0]![2]).toEqual({
      ...{ message_type: 'note', type: 'admin', admin_id: '991267999', body: '<p>Is &lt;old&gt;<br>&amp; slow</p>' },
    })
  })

  it('are NOTE_BECAME_PUBLIC where a note is read back as a comment', async () => {
    const vendor = await startThread((message) => ({ ...toPart(message), part_type: 'comment' }))
    expect(await reply({ body: 'Only for us', visibility: 'INTERNAL' }, vendor)).toMatchObject({
      ...{ outcome: 'PARTIAL', userErrors: [{ code: 'NOTE_BECAME_PUBLIC', field: ['input', 'visibility'] }] },
    })
  })

  it('are rejected where the ticket does not have them, and unknown where the answer does not name them', async () => {
    const lost = await startIntercom({ 'POST /tickets/627/reply': part('156', 'comment', '<p>Good news</p>') })
    expect(await reply({ body: 'Good news', visibility: 'PUBLIC' }, lost)).toMatchObject({ outcome: 'REJECTED' })
    const unnamed = await startIntercom({ 'POST /tickets/627/reply': {} })
    expect(await reply({ body: 'Good news', visibility: 'PUBLIC' }, unnamed)).toMatchObject({ outcome: 'UNKNOWN' })
  })

  it('INTERCOM-07 are proven by the answer where the ticket shows a part of its thread', async () => {
    const vendor = await startThread(toPart, ticket, 5)
    expect(await reply({ body: 'Only for us', visibility: 'INTERNAL' }, vendor)).toMatchObject({
      ...{ outcome: 'APPLIED', message: { body: 'Only for us', visibility: 'INTERNAL' } },
    })
  })

  it('INTERCOM-10 are not sent to a customer who does not see the ticket, and a refusal of Intercom is a CONFLICT', async () => {
    const hidden = await startThread(toPart, { ...ticket, category: 'Back-office', is_shared: false })
    expect(await reply({ body: 'Good news', visibility: 'PUBLIC' }, hidden)).toMatchObject({
      ...{ outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT' }] },
    })
    expect(sent(hidden)).toEqual([])
    expect(await reply({ body: 'Only for us', visibility: 'INTERNAL' }, hidden)).toMatchObject({ outcome: 'APPLIED' })
    const refusing = await startIntercom({
      'POST /tickets/627/reply': (_, res) => json(res, refusal('parameter_mismatch', 'Not allowed on Backoffice tickets'), 400),
    })
    expect(await reply({ body: 'Good news', visibility: 'PUBLIC' }, refusing)).toMatchObject({
      ...{ outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT' }] },
    })
  })

  it('INTERCOM-11 take the addresses of ten images, and no other file', async () => {
    const image = (filename: string, contentType: string | null = null) => ({
      filename,
      contentType,
      url: `https://img.example/${filename}`,
    })
    const vendor = await startThread(toPart)
    const attachments = [image('a.png'), image('b', 'image/jpeg')]
    expect(await reply({ body: 'See', visibility: 'PUBLIC', attachments }, vendor)).toMatchObject({ outcome: 'APPLIED' })
    expect((sent(vendor)[0]![2] as Record).attachment_urls).toEqual(['https://img.example/a.png', 'https://img.example/b'])
    for (const refused of [
      [image('a.png'), image('c.pdf')],
      [image('d.png', 'application/pdf')],
      Array(11).fill(image('a.png')),
    ]) {
      expect(await reply({ body: 'See', visibility: 'PUBLIC', attachments: refused }, vendor)).toMatchObject({
        outcome: 'REJECTED',
      })
    }
    expect(sent(vendor)).toHaveLength(1)
    const dropping = await startThread(({ attachment_urls: _, ...message }) => toPart(message))
    expect(await reply({ body: 'See', visibility: 'PUBLIC', attachments }, dropping)).toMatchObject({
      ...{ outcome: 'PARTIAL', userErrors: [{ field: ['input', 'attachments'] }] },
    })
    const { capabilities } = intercomAt(vendor.url).info
    expect([capabilities.attachments, capabilities.takes.CREATE]).toEqual(['URL', expect.not.arrayContaining(['attachments'])])
  })

  it('take HTML in notes alone', async () => {
    const vendor = await startThread(toPart)
    expect(await reply({ body: '<b>x</b>', format: 'HTML', visibility: 'PUBLIC' }, vendor)).toMatchObject({
      userErrors: [{ code: 'NOT_SUPPORTED', field: ['input', 'format'] }],
    })
    expect(await reply({ body: '<b>x</b>', format: 'HTML', visibility: 'INTERNAL' }, vendor)).toMatchObject({
      outcome: 'APPLIED',
    })
    expect(sent(vendor).map(([, , body]) => (body as Record).body)).toEqual(['<b>x</b>'])
  })
})

describe('new tickets of Intercom', () => {
  const input: CreateTicket = {
    ...{ source: 'intercom', type: '67', title: 'The app is broken', description: 'It does not start.', queue: '814865' },
    ...{ customer: { email: 'IDA@example.com' }, priority: 'HIGH', customFields: [{ key: '171', value: 3 }] },
  }
  const create = async (changes: Partial<CreateTicket>, made: Record = ticket) => {
    const vendor = await startIntercom({ 'POST /tickets': made })
    return { vendor, result: await intercomAt(vendor.url).createTicket!({ ...input, ...changes }, someCall()) }
  }

  it('have a type, one contact, attributes and a team, and are read back', async () => {
    const { vendor, result } = await create({})
    expect(result).toMatchObject({ outcome: 'APPLIED', ref: { externalId: '627' } })
    expect(sent(vendor)).toEqual([
      [
        ...['POST', '/tickets'],
        {
          ...{ ticket_type_id: '67', contacts: [{ email: 'IDA@example.com' }], assignment: { team_assignee_id: '814865' } },
          ticket_attributes: {
            ...{ _default_title_: 'The app is broken', _default_description_: 'It does not start.', Urgency: 'aaaa-2', Boxes: 3 },
          },
        },
      ],
    ])
    const byId = await create({ customer: { externalId: '6762f2dd1bb69f9f2193bc55' } })
    expect((sent(byId.vendor)[0]![2] as Record).contacts).toEqual([{ id: '6762f2dd1bb69f9f2193bc55' }])
    expect((await create({ queue: '814866' })).result).toMatchObject({
      outcome: 'PARTIAL',
      userErrors: [{ field: ['input', 'queue'] }],
    })
  })

  it('are refused without a type or a contact, and unknown where the answer has none', async () => {
    for (const [changes, field] of [
      [{ type: null }, 'type'],
      [{ type: '68' }, 'type'],
      [{ customer: { name: 'Ida' } }, 'customer'],
      [{ queue: '1' }, 'queue'],
    ] as const) {
      const { vendor, result } = await create(changes)
      expect(result).toMatchObject({ outcome: 'REJECTED', userErrors: [{ field: ['input', field] }] })
      expect(sent(vendor)).toEqual([])
    }
    expect((await create({}, {})).result).toMatchObject({ outcome: 'UNKNOWN' })
  })

  it('have a form by their type', async () => {
    const source = intercomAt((await startIntercom()).url)
    const form = await source.createForm!({ queue: null, type: '67', market: null }, someCall())
    expect(form.map(({ key, type, required }) => [key, type, required])).toEqual([
      ['type', 'CHOICE', true],
      ['customer', 'TEXT', true],
      ['title', 'TEXT', false],
      ['description', 'TEXT', false],
      ['queue', 'CHOICE', false],
      ['170', 'CHOICE', false],
      ['171', 'NUMBER', true],
      ['172', 'BOOLEAN', false],
      ['173', 'DATETIME', false],
    ])
    expect(form[0]!.options).toEqual([{ key: '67', label: 'Bug Report', parent: null }])
    expect(await source.agents!({ search: 'bea', first: 5 }, someCall())).toMatchObject([
      { externalId: '991267944', name: 'Bea Boss' },
    ])
    expect(await source.groups!({ first: 1 }, someCall())).toMatchObject([{ externalId: '814865', name: 'First Line' }])
    expect(await source.transferQueues!(someCall())).toEqual([
      { key: '814865', name: 'First Line', language: null },
      { key: '814866', name: 'Couriers', language: null },
    ])
  })
})

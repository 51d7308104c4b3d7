import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { UpdateTicket, WriteResult } from '../../../src/domain/writes.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { someCall } from '../../support/call.ts'
import { json, startVendor, type Vendor, type VendorCall } from '../../support/vendor.ts'
import {
  ann,
  comment,
  deskPage,
  issue,
  issueRoutes,
  jiraAt,
  jiraRef,
  mia,
  startJira,
  statuses,
  withStatus,
} from './jira-fixture.ts'

const ref = jiraRef('10001')
const writesOf = (vendor: Vendor) =>
  vendor.calls.filter(({ method }) => method !== 'GET').map(({ method, path, body }) => [method, path, body])
const errorsOf = ({ outcome, userErrors }: WriteResult) => [
  outcome,
  ...userErrors.map(({ code, field }) => [code, field?.join('.') ?? null]),
]

/** A site that takes a change of an issue: `after` is what the issue then has. */
async function startChanging(before: object, after: object, routes: Readonly<Record<string, unknown>> = {}) {
  const state = { fields: before }
  const take = () => {
    state.fields = { ...before, ...after }
    return withStatus(204)
  }
  const vendor = await startJira({
    ...issueRoutes('10001', () => issue('10001', state.fields)),
    'PUT /rest/api/3/issue/10001': take,
    'PUT /rest/api/3/issue/10001/assignee': take,
    'POST /rest/api/3/issue/10001/transitions': take,
    ...routes,
  })
  return { vendor, source: jiraAt(vendor.url) }
}

async function update(input: UpdateTicket, after: object, routes: Readonly<Record<string, unknown>> = {}) {
  const { vendor, source } = await startChanging({}, after, routes)
  const result = await source.updateTicket!(ref, input, someCall())
  return { result, writes: writesOf(vendor) }
}

const doc = (...lines: string[]) => ({
  ...{ type: 'doc', version: 1 },
  content: lines.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] })),
})

describe('a change of a ticket of Jira', () => {
  it('sets the fields by one call, and is applied where the issue then has them', async () => {
    const input: UpdateTicket = {
      ...{ title: 'New title', description: 'One\nTwo', priority: 'MEDIUM', addTags: ['new'], removeTags: ['fire'] },
      customFields: [
        { key: 'customfield_10040', value: '10202' },
        { key: 'customfield_10041', value: ['10302', '10301'] },
        { key: 'customfield_10042', value: 3 },
        { key: 'customfield_10043', value: 'Text' },
        { key: 'customfield_10045', value: '2026-02-01T08:00:00Z' },
      ],
    }
    const after = {
      ...{
        summary: 'New title',
        description: doc('One', 'Two'),
        priority: { id: '3', name: 'Medium' },
        labels: ['printer', 'new'],
      },
      ...{ customfield_10040: { id: '10202', value: 'One room' }, customfield_10041: [{ id: '10301' }, { id: '10302' }] },
      ...{ customfield_10042: 3, customfield_10043: doc('Text'), customfield_10045: '2026-02-01T09:00:00.000+0100' },
    }
    const { result, writes } = await update(input, after)
    expect([result.outcome, result.userErrors, result.ticket?.title]).toEqual(['APPLIED', [], 'New title'])
    const fields = {
      ...{ summary: 'New title', description: doc('One', 'Two'), priority: { id: '3' }, customfield_10040: { id: '10202' } },
      ...{ customfield_10041: [{ id: '10302' }, { id: '10301' }], customfield_10042: 3, customfield_10043: doc('Text') },
      customfield_10045: '2026-02-01T08:00:00.000+0000',
    }
    expect(writes).toEqual([
      ['PUT', '/rest/api/3/issue/10001', { fields, update: { labels: [{ add: 'new' }, { remove: 'fire' }] } }],
    ])
  })

  it('JIRA-09: of which Jira drops a part behind a success is partial, and of which it drops all is refused', async () => {
    const some = await update({ title: 'New title', tags: ['a'] }, { labels: ['a'] })
    expect(errorsOf(some.result)).toEqual(['PARTIAL', ['SOURCE_REJECTED', 'input.title']])
    expect(errorsOf((await update({ title: 'New title' }, {})).result)).toEqual(['REJECTED', ['SOURCE_REJECTED', 'input.title']])
  })

  it('JIRA-09: never sends a status among the fields, and refuses one together with other changes', async () => {
    const { result, writes } = await update({ status: 'RESOLVED', title: 'New title' }, {})
    expect([errorsOf(result), writes]).toEqual([['REJECTED', ['INVALID', 'input.title']], []])
  })

  it('is refused as Jira says, with the input that it names', async () => {
    const refused = async (status: number, body: object = {}) =>
      errorsOf((await update({ title: 'New title' }, {}, { 'PUT /rest/api/3/issue/10001': withStatus(status, body) })).result)
    expect(await refused(400, { errorMessages: [], errors: { summary: 'must be at most 255 characters' } })).toEqual([
      'REJECTED',
      ['INVALID', 'input.title'],
    ])
    expect(await refused(400, { errorMessages: ['Mia is not allowed'], errors: {} })).toEqual(['REJECTED', ['INVALID', null]])
    expect(await refused(403)).toEqual(['REJECTED', ['FORBIDDEN', null]])
    expect(await refused(404)).toEqual(['REJECTED', ['NOT_FOUND', null]])
    expect(await refused(409)).toEqual(['REJECTED', ['CONFLICT', null]])
    expect(await refused(422)).toEqual(['REJECTED', ['INVALID', null]])
  })

  it('is refused before anything is sent for a value that cannot be right', async () => {
    const inputs: readonly UpdateTicket[] = [
      { tags: ['two words'] },
      { priority: 'LOW' },
      { customFields: [{ key: 'customfield_99999', value: 1 }] },
      { customFields: [{ key: 'customfield_10042', value: 'three' }] },
      { customFields: [{ key: 'customfield_10010', value: '25' }] },
      { ifUpdatedAt: '2026-01-02T02:04:05.677Z', title: 'New' },
    ]
    const results = await Promise.all(inputs.map((input) => update(input, {})))
    expect(results.map(({ result }) => errorsOf(result)[1])).toEqual([
      ['INVALID', 'input.tags'],
      ['INVALID', 'input.priority'],
      ['INVALID', 'input.customFields.0.key'],
      ['INVALID', 'input.customFields.0.value'],
      ['INVALID', 'input.customFields.0.key'],
      ['CONFLICT', 'input.ifUpdatedAt'],
    ])
    expect(results.flatMap(({ writes }) => writes)).toEqual([])
  })

  it('of its assignee is by account id, name or e-mail address, among those who can have it', async () => {
    const people = [
      ann,
      { accountId: '5b10b', displayName: 'Bob', emailAddress: 'bob@desk.example' },
      { accountId: '5b10c', displayName: 'Bob' },
    ]
    const search = ({ path }: VendorCall) => {
      const { searchParams: asked } = new URL(path, 'http://x')
      return people.filter((one) =>
        asked.has('accountId') ? one.accountId === asked.get('accountId') : one.displayName.startsWith(asked.get('query') ?? ''),
      )
    }
    const routes = { 'GET /rest/api/3/user/assignable/search': search }
    const assign = async (input: object, assignee: object | null) => {
      const { vendor, source } = await startChanging({ assignee: mia }, { assignee }, routes)
      return [errorsOf(await source.reassignTicket!(ref, input, someCall())), writesOf(vendor).map(([, , body]) => body)]
    }
    expect(await assign({ assignee: 'ann agent' }, ann)).toEqual([['REJECTED', ['INVALID', 'input.assignee']], []])
    expect(await assign({ assignee: 'Ann Agent' }, ann)).toEqual([['APPLIED'], [{ accountId: ann.accountId }]])
    expect(await assign({ assignee: ann.accountId }, ann)).toEqual([['APPLIED'], [{ accountId: ann.accountId }]])
    expect(await assign({ unassign: true }, null)).toEqual([['APPLIED'], [{ accountId: null }]])
    expect(await assign({ assignee: 'Bob' }, ann)).toEqual([['REJECTED', ['INVALID', 'input.assignee']], []])
    expect(await assign({ assignee: 'Ann Agent' }, mia)).toEqual([
      ['REJECTED', ['SOURCE_REJECTED', 'input.assignee']],
      [{ accountId: ann.accountId }],
    ])
  })
})

describe('a change of the status of a ticket of Jira', () => {
  const moves = [
    { id: '3', name: 'Cancel', to: statuses.canceled },
    { id: '5', name: 'Resolve', to: statuses.resolved, fields: { resolution: { required: true, hasDefaultValue: false } } },
    {
      id: '6',
      name: 'Wait',
      to: statuses.customer,
      fields: { customfield_10042: { required: true }, duedate: { required: true, hasDefaultValue: true } },
    },
    { id: '7', name: 'Review', to: statuses.review },
  ]
  const move = async (
    before: object,
    after: object,
    write: (source: TicketSource) => Promise<WriteResult>,
    transitions: readonly object[] = moves,
  ) => {
    const { vendor, source } = await startChanging(before, after, { 'GET /rest/api/3/issue/10001/transitions': { transitions } })
    return [errorsOf(await write(source)), writesOf(vendor).map(([, , body]) => body)]
  }

  it('takes a transition that the workflow offers, by its id or by the status that it leads to', async () => {
    const to = (input: UpdateTicket) => (source: TicketSource) => source.updateTicket!(ref, input, someCall())
    expect(await move({}, { status: statuses.review }, to({ statusOption: '7' }))).toEqual([
      ['APPLIED'],
      [{ transition: { id: '7' } }],
    ])
    expect(await move({}, { status: statuses.review }, to({ status: 'IN_PROGRESS' }))).toEqual([
      ['APPLIED'],
      [{ transition: { id: '7' } }],
    ])
    expect(await move({}, {}, to({ statusOption: '99' }))).toEqual([['REJECTED', ['CONFLICT', 'input.statusOption']], []])
    expect(await move({}, {}, to({ status: 'PENDING' }))).toEqual([['REJECTED', ['REQUIRED', 'input.status']], []])
    // A post function may lead elsewhere.
    expect(await move({}, { status: statuses.done }, to({ statusOption: '7' }))).toEqual([
      ['REJECTED', ['SOURCE_REJECTED', 'input.statusOption']],
      [{ transition: { id: '7' } }],
    ])
  })

  it('closes with a resolution that its screen asks for, by name or id, and not by a cancellation', async () => {
    const close = (resolutionStatus?: string) => (source: TicketSource) =>
      source.closeTicket!(ref, { resolutionStatus }, someCall())
    const resolved = { status: statuses.resolved, resolution: { id: '10000', name: 'Done' } }
    const sent = [{ transition: { id: '5' }, fields: { resolution: { id: '10000' } } }]
    expect(await move({}, resolved, close('Done'))).toEqual([['APPLIED'], sent])
    expect(await move({}, resolved, close('10000'))).toEqual([['APPLIED'], sent])
    expect(await move({}, resolved, close())).toEqual([['REJECTED', ['REQUIRED', 'input.resolutionStatus']], []])
    expect(await move({}, resolved, close('Invented'))).toEqual([['REJECTED', ['INVALID', 'input.resolutionStatus']], []])
    expect(await move({ status: statuses.done }, resolved, close('Done'))).toEqual([['REJECTED', ['CONFLICT', null]], []])
    const asking = { id: '4', name: 'Approve', to: statuses.resolved, fields: { customfield_10042: { required: true } } }
    expect(await move({}, resolved, close('Done'), [asking, ...moves])).toEqual([['APPLIED'], sent])
    expect(await move({}, resolved, close(), [asking])).toEqual([['REJECTED', ['REQUIRED', null]], []])
    // "Canceled" alone is offered: a viewer who means it names it as `statusOption`.
    expect(await move({}, { status: statuses.canceled }, close(), moves.slice(0, 1))).toEqual([
      ['REJECTED', ['CONFLICT', null]],
      [],
    ])
  })

  it('reopens what is done, and nothing else', async () => {
    const reopen = (source: TicketSource) => source.reopenTicket!(ref, {}, someCall())
    expect(await move({ status: statuses.done }, { status: statuses.review }, reopen)).toEqual([
      ['APPLIED'],
      [{ transition: { id: '7' } }],
    ])
    expect(await move({ status: statuses.review }, {}, reopen)).toEqual([['REJECTED', ['CONFLICT', null]], []])
  })
})

describe('a message to a ticket of Jira', () => {
  const sla = {
    'GET /rest/servicedeskapi/request/10001/sla': deskPage([{ id: '1', name: 'Time to resolution', completedCycles: [] }]),
  }
  const commentPath = '/rest/servicedeskapi/request/10001/comment'
  const write = async (
    visibility: 'PUBLIC' | 'INTERNAL',
    saved: object,
    routes: Readonly<Record<string, unknown>> = sla,
    attachments?: readonly string[],
  ) => {
    const vendor = await startJira({
      ...issueRoutes('10001', issue('10001')),
      [`POST ${commentPath}`]: withStatus(201, { ...saved, public: visibility === 'PUBLIC' }),
      [`GET ${commentPath}/77`]: saved,
      ...routes,
    })
    const files = attachments?.map((uploadId) => ({ filename: 'a.png', uploadId }))
    const result = await jiraAt(vendor.url).replyToTicket!(
      ref,
      { body: 'Hello *you*', visibility, ...(files && { attachments: files }) },
      someCall(),
    )
    return { result, writes: writesOf(vendor) }
  }

  it('JIRA-06, JIRA-10: is sent by the service desk API alone, always with its visibility, as wiki markup, and read back', async () => {
    for (const visibility of ['PUBLIC', 'INTERNAL'] as const) {
      const { result, writes } = await write(visibility, comment('77', 'Hello *you*', visibility === 'PUBLIC'))
      expect([errorsOf(result), result.message?.body, result.message?.visibility]).toEqual([
        ['APPLIED'],
        'Hello *you*',
        visibility,
      ])
      expect(writes).toEqual([['POST', commentPath, { body: 'Hello *you*', public: visibility === 'PUBLIC' }]])
    }
  })

  it('JIRA-06: says NOTE_BECAME_PUBLIC for a note that the customer reads', async () => {
    const { result } = await write('INTERNAL', comment('77', 'Hello *you*', true))
    expect([errorsOf(result), result.message?.visibility]).toEqual([
      ['PARTIAL', ['NOTE_BECAME_PUBLIC', 'input.visibility']],
      'PUBLIC',
    ])
  })

  it('JIRA-06: sends no note for an account that is no agent of the desk, and does not say APPLIED for a reply that became a note', async () => {
    const { result, writes } = await write('INTERNAL', comment('77', 'Hello *you*', false), {})
    expect([errorsOf(result), writes]).toEqual([['REJECTED', ['FORBIDDEN', null]], []])
    expect(errorsOf((await write('PUBLIC', comment('77', 'Hello *you*', false))).result)).toEqual([
      'PARTIAL',
      ['SOURCE_REJECTED', 'input.visibility'],
    ])
  })

  it('is UNKNOWN where the comment cannot be read back, and refused where there is no request', async () => {
    expect((await write('PUBLIC', comment('77', '', true), { [`GET ${commentPath}/77`]: withStatus(404) })).result.outcome).toBe(
      'UNKNOWN',
    )
    expect(errorsOf((await write('PUBLIC', {}, { [`POST ${commentPath}`]: withStatus(404) })).result)).toEqual([
      'REJECTED',
      ['FORBIDDEN', null],
    ])
  })

  it('takes uploaded files by the call that makes a comment of them', async () => {
    const path = '/rest/servicedeskapi/request/10001/attachment'
    const saved = comment('77', 'Hello *you*', true)
    const { result, writes } = await write(
      'PUBLIC',
      saved,
      { ...sla, [`POST ${path}`]: withStatus(201, { comment: saved, attachments: deskPage([]) }) },
      ['temp1'],
    )
    expect(errorsOf(result)).toEqual(['APPLIED'])
    expect(writes).toEqual([
      ['POST', path, { temporaryAttachmentIds: ['temp1'], additionalComment: { body: 'Hello *you*' }, public: true }],
    ])
  })

  it('JIRA-07, JIRA-15: edits no comment, sends no properties of one, and makes no link', async () => {
    const { writes } = await write('INTERNAL', comment('77', 'Hello *you*', false))
    expect(JSON.stringify(writes)).not.toMatch(/properties|sd\.public\.comment|issueLink/)
    expect(writes.filter(([method, path]) => method === 'PUT' || /\/rest\/api\/3\/.*comment/.test(String(path)))).toEqual([])
  })
})

describe('a new ticket of Jira', () => {
  const input = {
    ...{
      source: 'jira',
      queue: '10000',
      type: '25',
      title: 'Printer on fire',
      description: 'h1. Help',
      priority: 'URGENT' as const,
    },
    ...{
      customer: { externalId: mia.accountId },
      customFields: [
        { key: 'customfield_10042', value: 12 },
        { key: 'customfield_10043', value: '*bold*' },
      ],
    },
  }
  const create = async (changes: object, saved: object | null = { customfield_10042: 12, customfield_10043: doc('bold') }) => {
    const vendor = await startJira({
      ...(saved && issueRoutes('10001', issue('10001', saved))),
      'POST /rest/servicedeskapi/request': withStatus(201, {
        issueId: '10001',
        issueKey: 'DESK-1',
        requestTypeId: '25',
        serviceDeskId: '1',
      }),
    })
    return { result: await jiraAt(vendor.url).createTicket!({ ...input, ...changes }, someCall()), writes: writesOf(vendor) }
  }

  it('is a request of a type, on behalf of its customer, and is read to see what Jira took', async () => {
    const { result, writes } = await create({})
    expect([errorsOf(result), result.ref?.externalId]).toEqual([['APPLIED'], '10001'])
    const requestFieldValues = {
      summary: 'Printer on fire',
      description: 'h1. Help',
      priority: { id: '1' },
      customfield_10042: 12,
      customfield_10043: '*bold*',
    }
    expect(writes).toEqual([
      [
        'POST',
        '/rest/servicedeskapi/request',
        { serviceDeskId: '1', requestTypeId: '25', requestFieldValues, raiseOnBehalfOf: mia.accountId },
      ],
    ])
  })

  it('is partial where Jira opened it without a part, and UNKNOWN where it cannot be read', async () => {
    const { result } = await create(
      {},
      { priority: { id: '3', name: 'Medium' }, customfield_10042: 12, customfield_10043: doc('bold'), reporter: ann },
    )
    expect(errorsOf(result)).toEqual(['PARTIAL', ['SOURCE_REJECTED', 'input.priority'], ['SOURCE_REJECTED', 'input.customer']])
    expect((await create({}, null)).result.outcome).toBe('UNKNOWN')
  })

  it('needs a service desk, a request type and a title', async () => {
    const results = await Promise.all(
      [{ queue: null }, { queue: '404' }, { type: ' ' }, { title: '' }].map((changes) => create(changes)),
    )
    expect(results.map(({ result }) => errorsOf(result)[1])).toEqual([
      ['REQUIRED', 'input.queue'],
      ['INVALID', 'input.queue'],
      ['REQUIRED', 'input.type'],
      ['REQUIRED', 'input.title'],
    ])
    expect(results.flatMap(({ writes }) => writes)).toEqual([])
  })
})

describe('a file for Jira', () => {
  it('is a form for the service desk of its ticket, with the header that Jira asks for', async () => {
    const seen: unknown[] = []
    const { createServer } = await import('node:http')
    const { buffer } = await import('node:stream/consumers')
    const site = await startJira(issueRoutes('10001', issue('10001', { project: { id: '10100', key: 'FAC' } })))
    const server = createServer(async (req, res) => {
      if (req.method === 'GET')
        return void res.writeHead(200, { 'content-type': 'application/json' }).end(await (await fetch(site.url + req.url)).text())
      const form = await new Response(new Uint8Array(await buffer(req)), {
        headers: { 'content-type': req.headers['content-type']! },
      }).formData()
      const file = form.get('file') as File
      seen.push([req.url, req.headers['x-atlassian-token'], file.name, file.type, await file.text()])
      const body = { temporaryAttachments: [{ temporaryAttachmentId: 'temp8186986881700442965', fileName: file.name }] }
      res.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const source = jiraAt(`http://127.0.0.1:${port}`)
    const file = { filename: 'a.png', contentType: 'image/png', size: 5 }
    const send = (more: object) =>
      source.uploadFile!({ ...file, body: Readable.from([Buffer.from('bytes')]), ...more }, someCall())
    expect([await send({}), await send({ ticket: ref })]).toEqual(Array(2).fill('temp8186986881700442965'))
    const at = (desk: string) => [
      `/rest/servicedeskapi/servicedesk/${desk}/attachTemporaryFile`,
      'no-check',
      'a.png',
      'image/png',
      'bytes',
    ]
    expect(seen).toEqual([at('1'), at('2')])
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
})

describe('JIRA-19: a file of Jira', () => {
  const bytes = (text: string, seen: unknown[]) =>
    startVendor(({ path, headers }, res) => {
      seen.push([path, headers.authorization])
      res.writeHead(200, { 'content-type': 'image/png' }).end(text)
    })

  it('is read from the host to which Jira leads, where no credentials are sent', async () => {
    const seen: unknown[] = []
    const media = await bytes('smoke', seen)
    const location = `${media.url.replace('127.0.0.1', 'localhost')}/media/10500?token=signed`
    const site = await startVendor(({ path }, res) => {
      if (path === '/rest/api/3/attachment/content/10500') return void res.writeHead(303, { location }).end()
      json(res, {}, 404)
    })
    const source = jiraAt(site.url, { upstream: { fileNetworks: ['127.0.0.1/32', '::1/128'] } })
    const file = (externalId: string) => ({ ...ref, kind: 'attachment' as const, externalId })
    const opened = await source.openFile!(file('10001#10500'), someCall())
    expect(await text(opened!.body)).toBe('smoke')
    expect(seen).toEqual([['/media/10500?token=signed', undefined]])
    expect(site.calls[0]!.headers.authorization).toMatch(/^Basic /)
    expect([
      await source.openFile!(file('10001#10999'), someCall()),
      await source.openFile!(file('10001#../x'), someCall()),
    ]).toEqual([null, null])
  })
})

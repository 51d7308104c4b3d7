import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { oneViewConfig } from '../../../src/sources/oneview/config.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { readFixture } from '../../fixtures/read-fixture.ts'
import { someCall } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { oneViewAt } from './oneview-fixture.ts'

async function answering(body: unknown, status = 200) {
  const vendor = await startVendor((_, res) => json(res, body, status))
  return { vendor, source: oneViewAt(vendor.url) as Required<TicketSource> }
}
const everything = { search: null, language: null, first: 50 }

describe("OneView's lookups", () => {
  it('returns the departments that accept escalations, from a bare list', async () => {
    const { vendor, source } = await answering(readFixture('oneview/departments.json'))
    expect(await source.escalationDepartments(someCall())).toEqual([{ key: 'partner-service', label: 'Partner Service' }])
    expect(vendor.lines()).toEqual(['GET /ticket-detail/v2/escalation/departments'])
  })

  it("ONEVIEW-09: returns queues by id, with the vendor's own name", async () => {
    const { vendor, source } = await answering(readFixture('oneview/queues.json'))
    expect(await source.transferQueues(someCall())).toEqual([{ key: 'dummyqueueid', name: 'chat-eng-sg', language: 'en' }])
    expect(vendor.lines()).toEqual(['GET /ticket-detail/v1/queues'])
  })

  it('ONEVIEW-13: returns the resolution statuses for closing', async () => {
    const { vendor, source } = await answering(readFixture('oneview/resolution-statuses.json'))
    expect(await source.resolutionStatuses(someCall())).toEqual(
      ['NO_ACTION', 'REFUNDED', 'CUSTOMER_LEFT_CHAT'].map((key) => ({ key, label: key })),
    )
    expect(vendor.lines()).toEqual(['GET /ticket-detail/v1/resolution-statuses'])
  })

  it('ONEVIEW-10: returns the contact reasons that a search finds, with their parents', async () => {
    const { vendor, source } = await answering(readFixture('oneview/contact-reason-search.json'))
    const parents = [
      { code: '1', label: 'delivery', language: 'en', level: 1, parents: [] },
      { code: '1A', label: 'delivery request', language: 'en', level: 2, parents: [] },
    ]
    const found = [{ code: '1A.1', label: 'delivery canceld', language: 'en', level: 3, parents }]
    expect(await source.contactReasons({ ...everything, search: 'late & cold' }, someCall())).toEqual(found)
    expect(await source.contactReasons({ ...everything, search: 'late', language: 'english' }, someCall())).toEqual(found)
    expect(await source.contactReasons({ ...everything, search: 'late', language: 'zh' }, someCall())).toEqual([])
    expect(vendor.lines()[0]).toBe('GET /ticket-detail/v1/ccr/search?q=late%20%26%20cold')
  })

  it('returns the tree of contact reasons from the top, in the requested language where it has labels in it', async () => {
    const { vendor, source } = await answering(readFixture('oneview/contact-reasons.json'))
    const reasons = await source.contactReasons({ ...everything, language: 'zh' }, someCall())
    expect(
      reasons.map(({ code, label, language, level, parents }) => [code, label, language, level, parents.map((p) => p.code)]),
    ).toEqual([
      ['1', 'delivery', 'en', 1, []],
      ['1A', '配送請求', 'zh', 2, ['1']],
      ['1A.1', 'delivery canceld', 'en', 3, ['1', '1A']],
      ['2', '2', null, 1, []],
    ])
    expect(await source.contactReasons({ ...everything, first: 2 }, someCall())).toHaveLength(2)
    expect(await source.contactReasons({ ...everything, first: 0 }, someCall())).toEqual([])
    expect(vendor.lines()).toEqual(['GET /ticket-detail/v1/ccr', 'GET /ticket-detail/v1/ccr'])
  })

  it('reads the tree as a list of tiers with codes as well', async () => {
    const { source } = await answering({
      data: [{ code: 'A', translations: [{ language: 'eng', translation: 'a' }], child: [{ code: 'A1' }] }],
    })
    expect((await source.contactReasons(everything, someCall())).map(({ code }) => code)).toEqual(['A', 'A1'])
  })

  it('ONEVIEW-16: stops at eight levels', async () => {
    let tier: object = { translations: [] }
    for (let depth = 60; depth > 0; depth--) tier = { translations: [], child: { [`c${depth}`]: tier } }
    const { source } = await answering({ data: { c0: tier } })
    const reasons = await source.contactReasons({ ...everything, first: 1000 }, someCall())
    expect(reasons.map(({ level }) => level)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('two callers at the same time each receive their own language', async () => {
    const { source } = await answering(readFixture('oneview/contact-reasons.json'))
    const [chinese, english] = await Promise.all(
      ['zh', 'en'].map((language) => source.contactReasons({ ...everything, language }, someCall())),
    )
    expect([chinese?.[1]?.label, english?.[1]?.label]).toEqual(['配送請求', 'delivery request'])
  })

  it('leaves out entries without an id, and fails with UPSTREAM_BAD_RESPONSE for another body', async () => {
    const partly = await answering([{ label: 'nameless' }, 'x', { id: 'legal' }])
    expect(await partly.source.escalationDepartments(someCall())).toEqual([{ key: 'legal', label: 'legal' }])
    const wrong = await answering({ departments: [] })
    await expect(wrong.source.escalationDepartments(someCall())).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
    await expect(wrong.source.transferQueues(someCall())).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
    await expect(wrong.source.contactReasons(everything, someCall())).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })

  it('fails with FORBIDDEN on 403, UPSTREAM_REJECTED on 404, UPSTREAM_AUTH_FAILED on 401 and UPSTREAM_UNAVAILABLE on 500 without a body', async () => {
    for (const [status, code] of [
      [403, 'FORBIDDEN'],
      [404, 'UPSTREAM_REJECTED'],
      [401, 'UPSTREAM_AUTH_FAILED'],
    ] as const) {
      const { source } = await answering({ errors: [{ status: String(status) }] }, status)
      await expect(source.escalationDepartments(someCall())).rejects.toMatchObject({ code, source: 'oneview' })
    }
    const vendor = await startVendor((_, res) => res.writeHead(500).end())
    const source = oneViewAt(vendor.url) as Required<TicketSource>
    await expect(source.escalationDepartments(someCall())).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
  })
})

describe("OneView's configuration", () => {
  const parse = (changes: object) => oneViewConfig.parse({ url: 'https://host/ticket-detail', token: 't', ...changes })

  it('needs a URL and a token and has a default for the rest', () => {
    expect(parse({})).toMatchObject({
      timeoutMs: 3000,
      label: 'OneView',
      pageSize: 100,
      capabilities: { close: true },
      tenant: '',
    })
    expect(oneViewConfig.safeParse({}).success).toBe(false)
    expect(oneViewConfig.safeParse({ url: 'ftp://host', token: 't' }).success).toBe(false)
    expect(oneViewConfig.safeParse({ url: 'https://host', token: 't', timeoutms: 1 }).success).toBe(false)
    expect(oneViewConfig.safeParse({ url: 'https://host', token: 't', capabilities: { fly: true } }).success).toBe(false)
  })

  it('can be published as a JSON Schema', () => {
    const schema = z.toJSONSchema(oneViewConfig, { io: 'input' })
    expect(schema).toMatchObject({ type: 'object', required: ['url', 'token'], additionalProperties: false })
  })

  it.each([
    ['update', 'UPDATE', 'updateTicket'],
    ['escalate', 'ESCALATE', 'escalateTicket'],
    ['close', 'CLOSE', 'closeTicket'],
    ['reassign', 'REASSIGN', 'reassignTicket'],
    ['transfer', 'TRANSFER', 'transferTicket'],
  ] as const)('switches %s off: no action, no method', (capability, action, method) => {
    const on = oneViewAt('http://127.0.0.1:1')
    expect(on.info.actions).toEqual(['UPDATE', 'ESCALATE', 'CLOSE', 'REASSIGN', 'TRANSFER'])
    expect(on[method]).toBeTypeOf('function')
    const off = oneViewAt('http://127.0.0.1:1', { capabilities: { [capability]: false } })
    expect(off.info.actions).toEqual(on.info.actions.filter((one) => one !== action))
    expect(method in off).toBe(false)
  })

  it.each(['escalationDepartments', 'transferQueues', 'resolutionStatuses', 'contactReasons'] as const)(
    'switches %s off',
    (lookup) => {
      expect(lookup in oneViewAt('http://127.0.0.1:1')).toBe(true)
      expect(lookup in oneViewAt('http://127.0.0.1:1', { capabilities: { [lookup]: false } })).toBe(false)
    },
  )

  it('cannot create tickets, reply or route', () => {
    const source = oneViewAt('http://127.0.0.1:1')
    expect(source.info.canCreate).toBe(false)
    for (const method of ['createTicket', 'replyToTicket', 'routeTicket']) expect(method in source).toBe(false)
  })

  it('sends an operation to its configured path', async () => {
    const vendor = await startVendor((_, res) => json(res, { list: ['A'] }))
    const source = oneViewAt(vendor.url, { paths: { resolutionStatuses: '/v9/outcomes' } }) as Required<TicketSource>
    await source.resolutionStatuses(someCall())
    expect(vendor.lines()).toEqual(['GET /ticket-detail/v9/outcomes'])
  })
})

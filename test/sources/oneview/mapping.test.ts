import { describe, expect, it } from 'vitest'
import { toOneViewTicket } from '../../../src/sources/oneview/decode.ts'
import { readFixture } from '../../fixtures/read-fixture.ts'
import { idOf, metadata, observedAt, record, translate } from './oneview-fixture.ts'

describe('a OneView ticket', () => {
  it('of the document is translated field by field', () => {
    const ticket = translate(readFixture('oneview/ticket.json'))
    expect(ticket).toEqual({
      id: idOf('ticket', 'f4b8f8e5-365a-4ed1-a122-0f4ba1afef44'),
      source: ticket.source,
      tenant: '',
      externalId: 'f4b8f8e5-365a-4ed1-a122-0f4ba1afef44',
      isSummary: false,
      number: null,
      url: null,
      title: 'delivery - wrong address',
      description: null,
      status: 'IN_PROGRESS',
      sourceStatus: 'ASSIGNED',
      statusReason: 'Internal State Change by Workflow Server',
      statusChangedAt: '2019-10-31T05:33:19.000Z',
      priority: null,
      sourcePriority: '1',
      priorityRank: 1,
      category: null,
      reason: {
        kind: 'GENERAL',
        code: 'delivery - wrong address',
        label: 'delivery - wrong address',
        localLabel: 'delivery - wrong address',
      },
      type: 'chat',
      channel: 'CHAT',
      origin: 'fp-sg',
      queue: 'chat-sg-en',
      queueKey: null,
      country: 'sg',
      language: 'en',
      tags: ['vip'],
      assignee: { id: idOf('agent', 'agent'), externalId: 'agent', name: null, email: null },
      group: null,
      followers: null,
      organization: null,
      createdBy: null,
      updatedBy: null,
      customer: {
        id: idOf('customer', '989899854090030232934sdfdsdf32dd4sdfdsddffdummycustomerid2'),
        externalId: '989899854090030232934sdfdsdf32dd4sdfdsddffdummycustomerid2',
        name: 'hugo dan',
        firstName: 'hugo',
        lastName: 'dan',
        email: 'test@email.com',
        phone: null,
      },
      vendor: { id: idOf('vendor', 'bgaj'), externalId: 'bgaj', name: null, vertical: 'RESTAURANTS' },
      orders: [{ id: idOf('order', 'sdw-srr'), externalId: 'sdw-srr', entityId: 'FP_SG', placedAt: null }],
      links: [
        {
          kind: 'CHILD',
          system: 'PANDACARE',
          externalId: 'absmw0dbma',
          category: 'ESCALATED',
          reason: 'insufficient money',
          creator: 'hugo',
          createdAt: '2019-10-31T05:33:19.000Z',
          url: null,
          ticketId: idOf('ticket', 'absmw0dbma'),
        },
      ],
      messages: null,
      attachments: null,
      customFields: null,
      statusOptions: null,
      slaTargets: null,
      satisfaction: null,
      escalation: null,
      resolution: null,
      routing: null,
      sla: 64,
      dueAt: null,
      firstReplyTimeInMinutes: null,
      createdAt: '2019-10-31T05:33:19.000Z',
      updatedAt: '2019-10-31T05:33:19.000Z',
      firstOpenedAt: null,
      lastOpenedAt: null,
      resolvedAt: null,
      deletedAt: null,
      freshness: { mode: 'LIVE', observedAt },
      raw: readFixture('oneview/ticket.json'),
    })
  })

  it('ONEVIEW-01: is read with keys in any casing', () => {
    const { Assignee: _, UpdatedAt: __, createdAt: ___, ...rest } = record()
    const ticket = translate({ ...rest, assignee: 'nina', updatedat: 1700000000, CreatedAt: 1600000000 })
    expect(ticket).toMatchObject({
      assignee: { externalId: 'nina' },
      updatedAt: '2023-11-14T22:13:20.000Z',
      createdAt: '2020-09-13T12:26:40.000Z',
    })
    const { metadata: wanted, ...others } = record()
    expect(
      translate({ ...others, Metadata: { ...(wanted as object), childrenLinks: undefined, ChildrenLinks: [] } }).links,
    ).toEqual([])
  })

  it.each([
    ['seconds', 1572499999, '2019-10-31T05:33:19.000Z'],
    ['seconds as text', '1572499999', '2019-10-31T05:33:19.000Z'],
    ['13-digit milliseconds', 1572499999123, '2019-10-31T05:33:19.123Z'],
    ['13-digit milliseconds as text', '1572499999123', '2019-10-31T05:33:19.123Z'],
    ['0', 0, null],
    ['"0"', '0', null],
    ['a negative number', -5, null],
    ['text that is not a number', 'yesterday', null],
    ['a number beyond the year 9999', 9e18, null],
    ['null', null, null],
  ])('ONEVIEW-02: reads a time that is %s', (_, given, expected) => {
    expect(translate(record({ createdAt: given })).createdAt).toBe(expected)
  })

  it('ONEVIEW-03: has UpdatedAt as the time when its status changed', () => {
    const ticket = translate(record({ UpdatedAt: 1700000000 }))
    expect(ticket.statusChangedAt).toBe('2023-11-14T22:13:20.000Z')
    expect(ticket.updatedAt).toBe('2023-11-14T22:13:20.000Z')
  })

  it('ONEVIEW-04: needs only an id, of any documented form', () => {
    for (const id of ['f4b8f8e5-365a-4ed1-a122-0f4ba1afef44', 'vsba-nhas', 'absmw0dbma']) {
      expect(translate({ id })).toMatchObject({
        externalId: id,
        title: null,
        status: 'UNKNOWN',
        sourceStatus: null,
        customer: null,
        vendor: null,
        orders: null,
        links: null,
        tags: null,
        reason: null,
      })
    }
    expect(toOneViewTicket({ status: 'ASSIGNED' })).toBeNull()
    expect(toOneViewTicket({ id: '' })).toBeNull()
    expect(toOneViewTicket('f4b8')).toBeNull()
    expect(toOneViewTicket([])).toBeNull()
  })

  it('UPSTREAM-09: keeps the other fields when single fields have the wrong type', () => {
    const ticket = translate(
      record({
        Assignee: { a: 1 },
        queue: 7,
        channel: ['x'],
        metadata: 'none',
        customer: [],
        vendor: 3,
        priority: 'high',
        status: 5,
      }),
    )
    expect(ticket).toMatchObject({
      externalId: 'f4b8f8e5-365a-4ed1-a122-0f4ba1afef44',
      assignee: null,
      queue: null,
      title: null,
      customer: null,
      vendor: null,
      priorityRank: null,
      status: 'UNKNOWN',
      statusReason: 'Internal State Change by Workflow Server',
    })
  })

  it.each([
    ['ASSIGNED', 'IN_PROGRESS'],
    ['ESCALATED', 'ESCALATED'],
    ['CLOSED', 'CLOSED'],
    ['ON_HOLD_BY_BOT', 'UNKNOWN'],
  ])('ONEVIEW-05: maps the status %s to %s and keeps the original word', (sourceStatus, status) => {
    expect(translate(record({ status: sourceStatus }))).toMatchObject({ status, sourceStatus })
  })

  it('ONEVIEW-06: has a rank and no priority', () => {
    expect(translate(record({ priority: 7 }))).toMatchObject({ priority: null, priorityRank: 7, sourcePriority: '7' })
    expect(translate(record({ priority: 2 ** 40 })).priorityRank).toBeNull()
    expect(translate(record({ priority: 1.5 })).priorityRank).toBeNull()
    expect(translate(record({ priority: 0 })).priorityRank).toBe(0)
  })

  it('ONEVIEW-07: maps its channel from channel, else from type, and keeps content in raw', () => {
    expect(translate(record({ channel: 'email', type: 'chat' })).channel).toBe('EMAIL')
    expect(translate(record({ channel: undefined, type: 'chat' }))).toMatchObject({ channel: 'CHAT', type: 'chat' })
    expect(translate(record({ channel: undefined, type: undefined })).channel).toBeNull()
    expect(translate(record({ channel: 'voice' })).channel).toBe('PHONE')
    expect(translate(record({ channel: 'carrier pigeon' })).channel).toBe('UNKNOWN')
    expect(translate(record({ content: { any: ['thing'] } })).raw).toMatchObject({ content: { any: ['thing'] } })
  })

  it('ONEVIEW-08: has one spelling for an entity, and one for a language', () => {
    const entityOf = (ticket: ReturnType<typeof translate>) => ticket.orders?.[0]?.entityId
    expect(entityOf(translate(metadata({ entityId: 'FP_SG' })))).toBe('FP_SG')
    expect(entityOf(translate(metadata({ entityId: undefined, geid: 'fp_sg' })))).toBe('FP_SG')
    expect(entityOf(translate(metadata({ entityId: undefined })))).toBe('FP_SG') // from its source, fp-sg
    expect(entityOf(translate({ ...metadata({ entityId: undefined }), source: 'import job' }))).toBeNull()
    const languages = ['en', 'eng', 'english', 'English', 'zh', 'tha', 'malay', 'Klingonese'].map(
      (language) => translate(metadata({ language })).language,
    )
    expect(languages).toEqual(['en', 'en', 'en', 'en', 'zh', 'th', 'ms', 'Klingonese'])
    // BCP 47: language, script, region and variant, in their usual casing. The last four are not of that form.
    const tags = ['sr-latn-rs', 'de-ch-1996', 'CA-valencia', 'en-001', 'en-en-en', 'de-1996-1996', 'en-us-x', 'zh-yue']
    expect(tags.map((language) => translate(metadata({ language })).language)).toEqual([
      ...['sr-Latn-RS', 'de-CH-1996', 'ca-valencia', 'en-001'],
      ...tags.slice(4),
    ])
  })

  it('ONEVIEW-09: has its queue by name', () => {
    expect(translate(record()).queue).toBe('chat-sg-en')
  })

  it('ONEVIEW-10: has its contact reason as a label with the local label, or the one of the two that is present', () => {
    expect(translate(metadata({ ccr: 'late', localCcr: '延遲' }))).toMatchObject({
      title: 'late',
      reason: { kind: 'GENERAL', code: 'late', label: 'late', localLabel: '延遲' },
    })
    expect(translate(metadata({ ccr: undefined, localCcr: '延遲' }))).toMatchObject({
      title: null,
      reason: { code: '延遲', label: '延遲', localLabel: '延遲' },
    })
    expect(translate(record({ metadata: { country: 'sg' } }))).toMatchObject({ title: null, reason: null, country: 'sg' })
  })

  it('ONEVIEW-11: has the sla as a number, and no deadline', () => {
    expect(translate(metadata({ sla: 64 }))).toMatchObject({ sla: 64, dueAt: null })
  })

  it('ONEVIEW-12: resolves links within OneView, and none to Salesforce', () => {
    const childrenLinks = [
      { ticketId: 'a-1', ticketIdType: 'PANDACARE' },
      { ticketId: 'a-2' },
      { ticketId: '5003h00000KqLmN', ticketIdType: 'SALESFORCE', ticketCategory: 'REFUND_PARTIAL' },
      { ticketId: 'z-9', ticketIdType: 'ZENDESK' },
      { ticketId: '../admin', ticketIdType: 'PANDACARE' },
      { creator: 'hugo' },
    ]
    const links = translate(metadata({ childrenLinks })).links ?? []
    expect(links.map(({ system, externalId, ticketId }) => [system, externalId, ticketId])).toEqual([
      ['PANDACARE', 'a-1', idOf('ticket', 'a-1')],
      ['ONEVIEW', 'a-2', idOf('ticket', 'a-2')],
      ['SALESFORCE', '5003h00000KqLmN', null],
      ['ZENDESK', 'z-9', null],
      ['PANDACARE', '../admin', null],
    ])
  })

  it("ONEVIEW-13: keeps a link's category as it is, and makes no resolution of it", () => {
    const links = translate(metadata({ childrenLinks: [{ ticketId: 'a', ticketCategory: 'REFUND_PARTIAL' }] })).links
    expect(links?.[0]?.category).toBe('REFUND_PARTIAL')
    expect(translate(record()).resolution).toBeNull()
  })

  it('ONEVIEW-14: tells no order from an order that is not sent', () => {
    expect(translate(metadata({ orderId: '' })).orders).toEqual([])
    expect(translate(metadata({ orderId: undefined })).orders).toBeNull()
  })

  it('ONEVIEW-19: maps each of the 22 verticals, and an assignee that may be an id, a name or an e-mail address', () => {
    const verticals = [
      'restaurants', 'groceries', 'flowers', 'cosmetics', 'health_supplements', 'pharmacies', 'pets', 'drinks', 'cross_vertical',
      'electronics', 'baby_supplies', 'furniture', 'bags_and_luggage', 'toys', 'optics', 'courier', 'coffee', 'shop',
      'courier_business', 'cash', 'darkstores', 'unknown',
    ] // biome-ignore format: the document's list
    expect(verticals.map((vertical) => translate(record({ vendor: { id: 'v', vertical } })).vendor?.vertical)).toEqual([
      'RESTAURANTS', 'GROCERIES', 'FLOWERS', 'COSMETICS', 'HEALTH_SUPPLEMENTS', 'PHARMACIES', 'PETS', 'DRINKS', 'CROSS_VERTICAL',
      'ELECTRONICS', 'BABY_SUPPLIES', 'FURNITURE', 'BAGS_AND_LUGGAGE', 'TOYS', 'OPTICS', 'COURIER', 'COFFEE', 'SHOP',
      'COURIER_BUSINESS', 'CASH', 'DARKSTORES', 'UNKNOWN',
    ]) // biome-ignore format: the graph's list
    expect(translate(record({ vendor: { id: 'v', vertical: 'ghost_kitchens' } })).vendor?.vertical).toBe('UNKNOWN')
    expect(translate(record({ vendor: { id: 'v' } })).vendor?.vertical).toBeNull()
    expect(translate(record({ Assignee: 'agent-17' })).assignee).toMatchObject({
      externalId: 'agent-17',
      name: null,
      email: null,
    })
    expect(translate(record({ Assignee: 'Hugo Dan' })).assignee).toMatchObject({ externalId: 'Hugo Dan', name: 'Hugo Dan' })
    expect(translate(record({ Assignee: 'hugo@foodpanda.com' })).assignee).toMatchObject({
      name: null,
      email: 'hugo@foodpanda.com',
    })
    expect(translate(record({ Assignee: null })).assignee).toBeNull()
  })

  it("ONEVIEW-20: composes the customer's name from the parts that are present", () => {
    const nameOf = (customer: object) => translate(record({ customer })).customer?.name
    expect(nameOf({ id: 'c', firstName: 'hugo', lastName: 'dan', name: 'hugo dan' })).toBe('hugo dan')
    expect(nameOf({ id: 'c', firstName: 'hugo', lastName: 'dan' })).toBe('hugo dan')
    expect(nameOf({ id: 'c', lastName: 'dan' })).toBe('dan')
    expect(nameOf({ id: 'c', firstName: 'hugo', lastName: '  ' })).toBe('hugo')
    expect(nameOf({ id: 'c' })).toBeNull()
  })

  it('keeps a customer that has no id', () => {
    expect(translate(record({ id: 't-1', customer: { name: 'Mia' } })).customer).toMatchObject({
      externalId: 'ticket:t-1',
      name: 'Mia',
    })
  })

  it('has the reason and time of its escalation', () => {
    expect(translate(record({ status: 'ESCALATED', statusReason: 'allergy', UpdatedAt: 1700000000 })).escalation).toEqual({
      department: null,
      reason: 'allergy',
      escalatedAt: '2023-11-14T22:13:20.000Z',
    })
  })

  it('UPSTREAM-17: ignores `__proto__` keys', () => {
    const ticket = toOneViewTicket(JSON.parse('{"id":"a","__proto__":{"status":"CLOSED"},"metadata":{"__proto__":{"sla":9}}}'))
    expect(ticket).toMatchObject({ status: null, metadata: { sla: null } })
  })

  it('UPSTREAM-19: is refused when its id is a number that has lost digits', () => {
    expect(toOneViewTicket({ id: 2 ** 53 })).toBeNull()
    expect(toOneViewTicket({ id: 42 })?.id).toBe('42')
  })
})

import { describe, expect, it } from 'vitest'
import { toLocalText } from '../../../src/domain/instant.ts'
import { toFilterMethods, toTerms } from '../../../src/sources/filter-table.ts'
import { rtConfig } from '../../../src/sources/rt/config.ts'
import { createFilters } from '../../../src/sources/rt/ticket-sql.ts'
import type { TicketFilter } from '../../../src/sources/source.ts'

// Expected conditions are written by "Searching with TicketSQL" of RT 5 (docs.bestpractical.com/rt/latest/query_builder.html).

const dialectOf = (dialect: object = { channelField: 'Channel', tagsField: 'Tags' }) =>
  rtConfig.parse({ url: 'https://rt.example', token: '1-27-abc', dialect }).dialect
const search = { sourceKey: 'rt', toLocalTime: (seconds: number) => toLocalText(seconds, 'Asia/Tokyo')! }
const termsOf = (filter: TicketFilter, dialect?: object) => toTerms(createFilters(dialectOf(dialect)), filter, search)
const methods = toFilterMethods(createFilters(dialectOf()))
const isLeft = (filter: TicketFilter) =>
  methods.pushdownFilters(filter).length === 0 && methods.narrowingFilters(filter).length === 0

const requestor = (externalId: string) => ({ kind: 'customer' as const, sourceKey: 'rt', tenant: '', externalId })
const owner = (name: string) =>
  `Owner.Name != 'Nobody' AND (Owner.Name = '${name}' OR Owner.EmailAddress = '${name}' OR Owner.RealName = '${name}')`

describe('a condition in TicketSQL', () => {
  it.each<[TicketFilter, string]>([
    [{ status: ['OPEN'] }, "Status = 'open'"],
    [{ status: ['NEW', 'CANCELLED'] }, "(Status = 'new' OR Status = 'rejected')"],
    [{ priority: ['LOW'] }, '(Priority < 50)'],
    [{ priority: ['MEDIUM'] }, '(Priority >= 50 AND Priority < 100)'],
    [{ priority: ['HIGH', 'LOW'] }, '((Priority < 50) OR (Priority >= 100))'],
    [{ category: ['3'] }, 'Queue = 3'],
    [{ category: ['3', 'x', '04', '12'] }, '(Queue = 3 OR Queue = 12)'],
    [{ customer: requestor("o'neil\\") }, "Requestor.Name = 'o\\'neil\\\\'"],
    [{ customer: requestor('Jürgen') }, "Requestor.Name = 'Jürgen'"],
    [{ customerEmail: 'mia@example.com' }, "Requestor.EmailAddress = 'mia@example.com'"],
    [{ tags: ['vip'] }, "CF.{Tags} = 'vip'"],
    [{ tags: ['vip', 'é'] }, "(CF.{Tags} = 'vip' OR CF.{Tags} = 'é')"],
    [{ channel: ['PHONE'] }, "CF.{Channel} = 'phone'"],
    [{ channel: ['EMAIL'] }, "(CF.{Channel} = 'email' OR CF.{Channel} = 'mail')"],
    [{ text: '24 printers' }, "Subject LIKE '24 printers'"],
    [{ assignee: 'ann' }, owner('ann')],
    [{ assignedTo: { rt: 'bob', jira: 'bob@example.com' } }, owner('bob')],
    [{ unassigned: true }, "Owner = 'Nobody'"],
  ])('%j is %s', (filter, condition) => {
    expect(termsOf(filter)).toEqual([condition])
    expect(isLeft(filter)).toBe(false)
  })

  it('of several assignees is met by all of them', () => {
    expect(termsOf({ assignee: 'ann', assignedTo: { rt: 'bob' }, unassigned: true })).toEqual([
      ...[owner('ann'), owner('bob'), "Owner = 'Nobody'"],
    ])
  })

  it.each<TicketFilter>([
    ...[{ status: ['ON_HOLD' as const] }, { status: [] }, { priority: ['URGENT' as const] }, { priority: [] }],
    ...[{ category: ['x'] }, { category: [] }, { channel: [] }, { tags: [] }],
  ])('%j has no words in RT, and no ticket matches', (filter) => {
    expect(termsOf(filter)).toBeNull()
  })

  it('RT-15, RT-16: has bounds of whole seconds in the zone of the account: the start is cut and the end rounded up', () => {
    // Tokyo is nine hours ahead of UTC.
    const [second, within] = ['2026-03-01T00:00:01.000Z', '2026-03-01T00:00:01.999Z']
    expect(termsOf({ createdAfter: second, createdBefore: second })).toEqual([
      ...["Created > '2026-03-01 09:00:01'", "Created < '2026-03-01 09:00:01'"],
    ])
    expect(termsOf({ updatedAfter: within, updatedBefore: within })).toEqual([
      ...["LastUpdated > '2026-03-01 09:00:01'", "LastUpdated < '2026-03-01 09:00:02'"],
    ])
    expect(termsOf({ createdBefore: within })).toEqual(["Created < '2026-03-01 09:00:02'"])
    expect(termsOf({ updatedAfter: second })).toEqual(["LastUpdated > '2026-03-01 09:00:01'"])
  })

  it('is exact, or narrows where RT compares in any casing and looks at all values', () => {
    const times = { createdAfter: '2026-03-01T00:00:00.000Z', updatedBefore: '2026-03-02T00:00:00.000Z' }
    const ofModel: TicketFilter = { status: ['OPEN'], priority: ['LOW'], category: ['3'], assignee: 'ann', ...times }
    const ofTexts: TicketFilter = { customer: requestor('mia'), customerEmail: 'mia@example.com', text: 'ink', tags: ['vip'] }
    const all: TicketFilter = { ...ofModel, ...ofTexts, channel: ['PHONE'] }
    expect(methods.pushdownFilters(all)).toEqual(['STATUS', 'PRIORITY', 'CATEGORY', 'ASSIGNEE', 'CREATED', 'UPDATED'])
    expect(methods.narrowingFilters(all)).toEqual(['CUSTOMER', 'CUSTOMER_EMAIL', 'TAGS', 'CHANNEL', 'TEXT'])
  })

  it('of a channel or tags needs their fields in the configuration', () => {
    expect(termsOf({ channel: ['PHONE'], tags: ['vip'] }, {})).toEqual([])
  })
})

describe('TicketSQL is not asked', () => {
  it.each<[string, TicketFilter]>([
    ['for an assignee with other letters than ASCII', { assignee: 'Jürgen' }],
    ['for the login of the viewer with other letters than ASCII', { assignedTo: { rt: 'Jürgen' } }],
    ['for an assignee with a blank before it', { assignee: ' ann' }],
    ['for an assignee with a blank behind it', { assignee: 'ann ' }],
    ['for the login of a viewer without logins', { assignedTo: {} }],
    ['for an assignee that RT reads as the field of this name', { assignee: 'cf.Channel' }],
    ['for a customer that RT reads as the field of this name', { customer: requestor('CF.{Channel}') }],
    ['for an address that RT reads as the field of this name', { customerEmail: 'Cf.x@example.com' }],
    ['for a tag that RT reads as the field of this name', { tags: ['vip', 'cf.Tags'] }],
    ['for a tag of 201 characters', { tags: ['x'.repeat(201)] }],
    ['for a tag with a control character', { tags: ['a\tb'] }],
    ['for an address with other letters than ASCII', { customerEmail: 'jürgen@example.com' }],
    ['for a channel that no word has', { channel: ['PHONE', 'UNKNOWN'] }],
    ['for digits, which may be those of the number of a ticket', { text: '24' }],
    ['for a text with a backslash', { text: 'C:\\temp' }],
    ['for a text with other letters than ASCII', { text: 'Tür' }],
    ['for a text that RT reads as the field of this name', { text: 'cf.Channel' }],
  ])('%s', (_name, filter) => {
    expect([isLeft(filter), termsOf(filter)]).toEqual([true, []])
  })

  it('for less than that', () => {
    const kept: TicketFilter[] = [{ tags: ['x'.repeat(200)] }, { tags: ['xcf.Tags', 'cfx'] }, { text: 'a' }, { text: 'a b!~' }]
    expect(kept.map(isLeft)).toEqual([false, false, false, false])
  })
})

describe('the words of an installation', () => {
  const statuses = { open: 'OPEN', waiting: 'PENDING', deleted: 'CANCELLED' }

  it('never ask for deleted tickets, and have UNKNOWN for every other word', () => {
    expect(termsOf({ status: ['CANCELLED'] }, { statuses })).toBeNull()
    expect(termsOf({ status: ['UNKNOWN'] }, { statuses })).toEqual(["(Status != 'open' AND Status != 'waiting')"])
    expect(termsOf({ status: ['PENDING', 'UNKNOWN'] }, { statuses })).toEqual([
      "(Status = 'waiting' OR (Status != 'open' AND Status != 'waiting'))",
    ])
    expect(termsOf({ status: ['UNKNOWN'] }, { statuses: {} })).toEqual(['(id > 0)'])
  })

  it('have priorities that no number has', () => {
    expect(termsOf({ priority: ['LOW'] }, { priorities: {} })).toEqual(['(id > 0)'])
    const priorities = { MEDIUM: -10, URGENT: 20 }
    expect(termsOf({ priority: ['MEDIUM'] }, { priorities })).toEqual(['(Priority >= -10 AND Priority < 20)'])
    expect(termsOf({ priority: ['URGENT'] }, { priorities })).toEqual(['(Priority >= 20)'])
    expect(termsOf({ priority: ['HIGH'] }, { priorities })).toBeNull()
  })
})

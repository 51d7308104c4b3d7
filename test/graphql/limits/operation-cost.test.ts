import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { readyOperations } from '../../../console/operations.ts'
import { toCostExtension } from '../../../src/graphql/limits/prepare-limits.ts'
import { check, codeOf, defaults, limitsWith, repeat } from './fixture.ts'

const crossSourceList = `{ tickets(first: 50) {
  nodes { id title status source { key } customer { name } vendor { vertical } links { externalId } threads { nodes { body } } }
  sources { source { key } outcome returned }
} }`

/** Every field of `Ticket`. */
const ticketWithEverything = `fragment Everything on Ticket {
  id number url title description status sourceStatus statusReason statusChangedAt priority sourcePriority priorityRank type
  channel origin queue country language tags sla dueAt firstReplyTimeInMinutes createdAt updatedAt firstOpenedAt lastOpenedAt
  resolvedAt deletedAt externalId raw
  source { key label system mode health { state latencyP50Ms latencyP99Ms } actions }
  category { code label path } reason { __typename code label ... on OrderReason { orders { externalId placedAt } } }
  assignee { id name email } createdBy { id name } updatedBy { id name }
  customer { id name email phone } vendor { id name vertical } orders { externalId entityId placedAt }
  links { kind system externalId category ticket { id title status source { key } } }
  threads(first: 50) { nodes { id author { kind name } body visibility createdAt attachments { filename url } } pageInfo { hasNextPage } }
  attachments { filename url size contentType } escalation { department reason escalatedAt }
  resolution { status reason resolvedAt } routing { type partners rule trace deliveries { id state attempts } }
  events(first: 50) { nodes { kind at summary actor { name } changes { field before after } } }
  freshness { mode observedAt } actions { action allowed reason }
}`

describe('the cost of an operation', () => {
  it('counts objects, and multiplies the children of a page by its size', () => {
    expect(check('{ viewer { key name } }')).toEqual({ cost: 1, upstreamCalls: 0 })
    // The connection, its page info, and 10 tickets with one customer each.
    expect(check('{ tickets(first: 10) { nodes { id customer { name } } pageInfo { hasNextPage } } }').cost).toBe(1 + 1 + 10 * 2)
    // An edge and its ticket, ten times.
    expect(check('{ tickets(first: 10) { edges { node { id } } } }').cost).toBe(1 + 10 * 2)
  })
  it('DECISION-37 of a count has its groups and the most calls that each pulled source needs, and is refused above the limit', () => {
    // The counts, 100 groups, and a report with its source for each of five sources.
    const count = '{ ticketCounts(by: STATUS) { groups { key count } sources { source { key } matching } } }'
    expect(check(count)).toEqual({ cost: 1 + 100 + 5 * 2, upstreamCalls: 2 * 16 })
    const byIds = 'query ($ids: [ID!]) { ticketCounts(by: STATUS, filter: { ids: $ids }) { groups { count } } }'
    expect(check(byIds, { ids: ['a', 'b', 'c'] }).upstreamCalls).toBe(2 * 16 + 3)
    const many = `{ ${repeat(3, (n) => `c${n}: ticketCounts(by: STATUS) { groups { count } }`)} }`
    expect(codeOf(many, {}, limitsWith({ upstreamCalls: 3 * 32 }))).toBeNull()
    expect(codeOf(many, {}, limitsWith({ upstreamCalls: 3 * 32 - 1 }))).toBe('OPERATION_TOO_COMPLEX')
  })
  it('DECISION-37 of a list with first: 0 has the calls of a count', () => {
    const query = 'query ($first: Int) { tickets(first: $first) { totalCount nodes { id } } }'
    expect(check(query, { first: 1 }).upstreamCalls).toBe(2)
    expect(check(query, { first: 0 })).toEqual({ cost: 1, upstreamCalls: 2 * 16 })
    expect(check('{ tickets(first: 0) { totalCount } }').upstreamCalls).toBe(2 * 16)
  })
  it('FEDERATION-05 of _entities has a call and an object for each reference, and is refused above the limits alone', () => {
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Ticket { id links { externalId } } } }'
    const references = (count: number) => ({ r: Array.from({ length: count }, () => ({ __typename: 'Ticket', id: 'x' })) })
    // Each ticket has itself and three links.
    expect(check(query, references(50))).toEqual({ cost: 50 * (1 + 3), upstreamCalls: 50 })
    expect(codeOf(query, references(1_000))).toBeNull()
    expect(codeOf(query, references(1_001))).toBe('OPERATION_TOO_COMPLEX')
  })
  it('uses the default page size of the schema when the client gives none', () => {
    expect(check('{ tickets { nodes { id } } }').cost).toBe(1 + 25)
    expect(check('{ tickets(first: null) { nodes { id } } }').cost).toBe(1 + 25)
  })
  it('uses page sizes from variables and their defaults', () => {
    const query = 'query ($size: Int = 7) { tickets(first: $size) { nodes { id } } }'
    expect(check(query, { size: 50 }).cost).toBe(1 + 50)
    expect(check(query).cost).toBe(1 + 7)
    expect(check('query ($size: Int) { tickets(first: $size) { nodes { id } } }').cost).toBe(1 + 25)
  })
  it('follows fragments, inline fragments and interfaces', () => {
    const query = `{ node(id: "x") { ... on Ticket { ...T } ... on Customer { tickets(first: 2) { nodes { id } } } } }
      fragment T on Ticket { customer { id } vendor { id } }`
    expect(check(query).cost).toBe(1 + 2 + (1 + 2))
  })
  it('is that of the named operation, and 0 when there is none of that name', () => {
    const query = 'query A { viewer { key } } query B { tickets(first: 5) { nodes { id } } }'
    expect(check(query, {}, 'A').cost).toBe(1)
    expect(check(query, {}, 'B').cost).toBe(6)
    expect(check(query, {}, 'C').cost).toBe(0)
    expect(check(query, {}, null).cost).toBe(0)
  })
  it('DELIVERY-11 counts each record of an action on many, which may be more than a page', () => {
    expect(check('mutation { replayDeliveries(partner: "x", first: 500) { done } }').cost).toBe(500)
    expect(check('mutation { replayAllQuarantined(source: "x") { done } }').cost).toBe(100)
  })
  it('ignores @skip and @include', () => {
    expect(check('{ tickets(first: 10) @skip(if: true) { nodes { id } } }').cost).toBe(11)
  })
})

describe('the predicted size of a range', () => {
  const sizeOf = (args: string, variables: Record<string, unknown> = {}) =>
    check(`query ($f: Int, $l: Int) { ticket(id: "x") { timeline${args} { nodes { id } } } }`, variables).cost - 2
  it('is first or last, from the document or the variable that is set, else 50', () => {
    expect(sizeOf('')).toBe(50)
    expect([sizeOf('(last: 7)'), sizeOf('(first: 8)')]).toEqual([7, 8])
    expect([sizeOf('(first: $f, last: $l)', { f: 9 }), sizeOf('(first: $f, last: $l)', { f: null, l: 10 })]).toEqual([9, 10])
    expect(sizeOf('(first: $f, last: $l)')).toBe(50)
    expect(() => sizeOf('(last: 101)')).toThrow('Ticket.timeline')
  })
})

describe('the predicted calls to sources', () => {
  it('are one per PULL source for a list', () => {
    expect(check('{ tickets(first: 50) { nodes { id title } } }').upstreamCalls).toBe(2)
  })
  it('are one per ticket for all its lazy fields together', () => {
    expect(check('{ tickets(first: 50) { nodes { id threads { nodes { body } } } } }').upstreamCalls).toBe(2 + 50)
    expect(
      check('{ tickets(first: 50) { nodes { threads { nodes { body } } attachments { url } resolvedAt } } }').upstreamCalls,
    ).toBe(52)
  })
  it('are one per linked ticket', () => {
    expect(check('{ ticket(id: "x") { links { ticket { id } } } }').upstreamCalls).toBe(1 + 3)
    expect(check('{ tickets(first: 100) { nodes { links { ticket { id } } } } }').upstreamCalls).toBe(2 + 100 * 3)
  })
  it('are one per id of nodes, in the document or in a variable', () => {
    expect(check('{ nodes(ids: ["a", "b", "c"]) { id } }').upstreamCalls).toBe(3)
    expect(check('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b', 'c', 'd'] }).upstreamCalls).toBe(4)
  })
  it('are one more per id of a filter, in the document or in a variable', () => {
    expect(check('{ tickets(filter: { ids: ["a", "b", "c"] }) { nodes { id } } }').upstreamCalls).toBe(2 + 3)
    const ids = ['a', 'b', 'c', 'd']
    const byList = 'query ($ids: [ID!]) { tickets(filter: { ids: $ids }) { nodes { id } } }'
    expect(check(byList, { ids }).upstreamCalls).toBe(2 + 4)
    expect(check(byList).upstreamCalls).toBe(2)
    const byFilter = 'query ($filter: TicketFilter) { tickets(filter: $filter) { nodes { id } } }'
    expect(check(byFilter, { filter: { ids } }).upstreamCalls).toBe(2 + 4)
    expect(check(byFilter, { filter: null }).upstreamCalls).toBe(2)
    const byDefault = 'query ($filter: TicketFilter = { ids: ["a", "b"] }) { tickets(filter: $filter) { nodes { id } } }'
    expect(check(byDefault).upstreamCalls).toBe(2 + 2)
    expect(check(byDefault, { filter: { tags: ['x'] } }).upstreamCalls).toBe(2)
  })
  it('are two for a write: itself and the reading of the ticket', () => {
    expect(check('mutation { closeTicket(input: { id: "x" }) { outcome } }').upstreamCalls).toBe(2)
  })
  it('are none for what the gateway has itself', () => {
    expect(
      check('{ viewer { key } sources { key } deliveries { nodes { id } } quarantine { nodes { id } } }').upstreamCalls,
    ).toBe(0)
  })
})

describe('an operation is rejected', () => {
  const pages = (levels: number): string => (levels === 0 ? 'id' : `tickets { nodes { id customer { ${pages(levels - 1)} } } }`)
  it('for 7 levels of default pages, and for 3, because 25 × 25 × 25 tickets are too many (CLIENT-04)', () => {
    expect(codeOf(`{ ${pages(7)} }`)).toBe('OPERATION_TOO_DEEP')
    expect(codeOf(`{ ${pages(3)} }`)).toBe('OPERATION_TOO_COMPLEX')
    expect(codeOf(`{ ${pages(2)} }`)).toBeNull()
  })
  it('also when the depth limit is higher, by its cost (CLIENT-04)', () => {
    expect(codeOf(`{ ${pages(7)} }`, {}, limitsWith({ depth: 100 }))).toBe('OPERATION_TOO_COMPLEX')
  })
  it.each([1_000_000, 101, -1])('for a page of %i, in the document and in a variable (CLIENT-11)', (size) => {
    expect(codeOf(`{ tickets(first: ${size}) { nodes { id } } }`)).toBe('BAD_USER_INPUT')
    expect(codeOf('query ($n: Int) { tickets(first: $n) { nodes { id } } }', { n: size })).toBe('BAD_USER_INPUT')
    expect(codeOf(`{ ticket(id: "x") { threads(first: ${size}) { nodes { id } } } }`)).toBe('BAD_USER_INPUT')
  })
  it('but not for a page of 0 or 100 (CLIENT-11)', () => {
    expect(codeOf('{ tickets(first: 0) { nodes { id } } }')).toBeNull()
    expect(codeOf('{ tickets(first: 100) { nodes { id } } }')).toBeNull()
  })
  it('for its cost and for its calls, each by its own limit', () => {
    const list = '{ tickets(first: 10) { nodes { links { ticket { id } } } } }'
    // One connection, ten tickets, three assumed links each, one ticket each: 1 + 10 × (1 + 3 × 2) = 71; 2 + 30 calls.
    expect(check(list)).toEqual({ cost: 71, upstreamCalls: 32 })
    expect(codeOf(list, {}, limitsWith({ cost: 70 }))).toBe('OPERATION_TOO_COMPLEX')
    expect(codeOf(list, {}, limitsWith({ cost: 71, upstreamCalls: 32 }))).toBeNull()
    expect(codeOf(list, {}, limitsWith({ upstreamCalls: 31 }))).toBe('OPERATION_TOO_COMPLEX')
  })
  it('for many expensive fields next to each other', () => {
    const lists = repeat(15, (index) => `a${index}: tickets(first: 100) { nodes { threads { nodes { body } } } }`)
    expect(codeOf(`{ ${lists} }`)).toBe('OPERATION_TOO_COMPLEX')
  })
  it('with the measure, the limit and the name of the setting', () => {
    expect(() => check('{ tickets(first: 10) { nodes { id } } }', {}, null, limitsWith({ cost: 5 }))).toThrow(
      'Cost of the operation: 11, allowed: 5 (limits.cost).',
    )
  })
})

describe('the defaults fit', () => {
  it('the cross-source list of 50, and of 100', () => {
    // 1 connection; 50 × (ticket, source, customer, vendor, 3 links, a thread of 50 in its connection); 5 reports with their source.
    expect(check(crossSourceList)).toEqual({ cost: 1 + 50 * (4 + 3 + 1 + 50) + 5 * 2, upstreamCalls: 2 + 50 })
    expect(codeOf(crossSourceList.replace('50', '100'))).toBeNull()
  })
  it.each(readyOperations.map((operation) => [operation.name, operation] as const))(
    "the console's operation %s, with its own variables and with the largest page",
    (_name, { query, variables = {} }) => {
      expect(codeOf(query, variables)).toBeNull()
      if ('first' in variables) expect(codeOf(query, { ...variables, first: 100 })).toBeNull()
    },
  )
  it('one ticket with everything', () => {
    expect(codeOf(`{ ticket(id: "x") { ...Everything } } ${ticketWithEverything}`)).toBeNull()
  })
  it('a page of 25 tickets with everything', () => {
    expect(codeOf(`{ tickets(first: 25) { nodes { ...Everything } } } ${ticketWithEverything}`)).toBeNull()
  })
  it('a page of 100 with customer, vendor, and each link with its ticket', () => {
    expect(
      codeOf(
        '{ tickets(first: 100) { nodes { id customer { name } vendor { name } links { externalId ticket { id title } } } } }',
      ),
    ).toBeNull()
  })
})

describe('extensions.cost', () => {
  it('has the cost and the limits', () => {
    expect(toCostExtension({ cost: 11, upstreamCalls: 2 }, defaults)).toEqual({
      cost: 11,
      upstreamCalls: 2,
      maxCost: 25_000,
      maxUpstreamCalls: 1_000,
    })
  })
})

describe('the cost of a known document', () => {
  it('is cached: the same object again', () => {
    const limits = limitsWith()
    const document = parse('{ tickets(first: 10) { nodes { id } } }')
    expect(limits.checkOperation(document, null, {})).toBe(limits.checkOperation(document, null, {}))
  })
  it('depends on the variables of each request', () => {
    const limits = limitsWith()
    const document = parse('query ($n: Int) { tickets(first: $n) { nodes { id } } }')
    const costs = [10, 20, 10].map((n) => limits.checkOperation(document, null, { n }).cost)
    expect(costs).toEqual([11, 21, 11])
  })
})

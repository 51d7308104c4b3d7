import { describe, expect, it } from 'vitest'
import { type Scope, scopes } from '../../../src/domain/permissions.ts'
import { extensionsOf, type FieldPermission, listFields } from '../../../src/graphql/schema/fields.ts'
import { createSchema } from '../../../src/graphql/schema/index.ts'
import { type ResolverMode, resolverModes } from '../../support/graph/graph.ts'
import { createGraphFixture, ids } from '../../support/graph/graph-fixture.ts'

const allScopes = Object.keys(scopes) as Scope[]
const everySource = 'source:*'
const write = (field: string, input: string) => `mutation { ${field}(input: { ${input} }) { outcome } }`
const target = `id: "${ids.ticket}"`

/** One operation that reaches each guarded field. The text stands for its value where it is hidden and not forbidden. */
const operations: Record<string, string> = {
  'Query.node': `{ node(id: "${ids.ticket}") { id } }`,
  'Query.nodes': `{ nodes(ids: ["${ids.ticket}"]) { id } }`,
  'Query.ticket': `{ ticket(id: "${ids.ticket}") { id } }`,
  'Query.ticketByExternalId': '{ ticketByExternalId(source: "oneview", externalId: "t1") { id } }',
  'Query.tickets': '{ tickets { totalCount } }',
  'Query.ticketCounts': '{ ticketCounts(by: STATUS) { groups { count } } }',
  'Query.changeCursor': '{ changeCursor }',
  'Query.customer': `{ customer(id: "${ids.customer}") { id } }`,
  'Query.vendor': `{ vendor(id: "${ids.vendor}") { id } }`,
  'Query.sources': '{ sources { key } }',
  'Query.source': '{ source(key: "oneview") { key } }',
  'Query.previewRoute': '{ previewRoute(input: { source: "rbi", category: "order" }) { type } }',
  'Query.deliveries': '{ deliveries { nodes { id } } }',
  'Query.quarantine': '{ quarantine { nodes { id } } }',
  'Mutation.createTicket': write('createTicket', 'source: "oneview", title: "x"'),
  'Mutation.updateTicket': write('updateTicket', `${target}, title: "x"`),
  'Mutation.replyToTicket': write('replyToTicket', `${target}, body: "x", visibility: PUBLIC`),
  'Mutation.escalateTicket': write('escalateTicket', target),
  'Mutation.closeTicket': write('closeTicket', target),
  'Mutation.reopenTicket': write('reopenTicket', target),
  'Mutation.reassignTicket': write('reassignTicket', `${target}, assignee: "bob@example.com"`),
  'Mutation.transferTicket': write('transferTicket', `${target}, queue: "7"`),
  'Mutation.routeTicket': write('routeTicket', `id: "${ids.routed}"`),
  'Mutation.createUpload': 'mutation { createUpload(input: { source: "oneview", filename: "a" }) { upload { url } } }',
  'Mutation.replayDelivery': `mutation { replayDelivery(id: "${ids.delivery}") { id } }`,
  'Mutation.replayDeliveries': 'mutation { replayDeliveries(partner: "careco") { done } }',
  'Mutation.enablePartner': 'mutation { enablePartner(source: "rbi", partner: "careco") { done } }',
  'Mutation.replayAllQuarantined': 'mutation { replayAllQuarantined(source: "vcc") { done } }',
  'Mutation.reconcileSource': 'mutation { reconcileSource(source: "oneview") { checked } }',
  'Mutation.replayQuarantined': `mutation { replayQuarantined(id: "${ids.deadLetter}") { id } }`,
  'Mutation.discardQuarantined': `mutation { discardQuarantined(id: "${ids.deadLetter}", reason: "x") { id } }`,
  'Subscription.ticketChanged': 'subscription { ticketChanged { cursor } }',
  'Ticket.raw': `{ ticket(id: "${ids.ticket}") { value: raw } }`,
  'Customer.name': `{ ticket(id: "${ids.ticket}") { customer { value: name } } }`,
  'Customer.firstName': `{ ticket(id: "${ids.ticket}") { customer { value: firstName } } }`,
  'Customer.lastName': `{ ticket(id: "${ids.ticket}") { customer { value: lastName } } }`,
  'Customer.email': `{ ticket(id: "${ids.ticket}") { customer { value: email } } }`,
  'Customer.phone': `{ ticket(id: "${ids.ticket}") { customer { value: phone } } }`,
  'Actor.name': `{ ticket(id: "${ids.ticket}") { threads(first: 1) { nodes { author { value: name } } } } }`,
  'Satisfaction.comment': `{ ticket(id: "${ids.ticket}") { satisfaction { value: comment } } }`,
  'TicketPayload.ticket': `mutation { closeTicket(input: { ${target} }) { value: ticket { id } } }`,
  'TicketPayload.message': `mutation { replyToTicket(input: { ${target}, body: "On its way.", visibility: PUBLIC }) { value: message { id } } }`,
  'QuarantinedEvent.body': '{ quarantine { nodes { value: body } } }',
}

/** The scope of the root field that leads to a hidden field, where it is not `tickets:read`. */
const rootScopeOf: Record<string, Scope> = {
  'QuarantinedEvent.body': 'routing:admin',
  'TicketPayload.ticket': 'tickets:write',
  'TicketPayload.message': 'tickets:write',
}

const fields = listFields(createSchema())
const permissions = new Map<string, FieldPermission>(
  fields.flatMap(({ name, field }) => {
    const { permission } = extensionsOf(field)
    return permission ? [[name, permission] as const] : []
  }),
)

interface Outcome {
  /** The message of the error FORBIDDEN; null when the field is not forbidden. */
  readonly forbidden: string | null
  readonly value: unknown
  readonly redacted: unknown
}

async function ask(field: string, granted: readonly string[], resolvers: ResolverMode): Promise<Outcome> {
  const { graph } = createGraphFixture({ resolvers })
  const operation = operations[field]!
  if (operation.startsWith('subscription')) {
    const { errors, stream } = await graph.listen(operation, { scopes: granted })
    await stream?.return(undefined)
    return { forbidden: messageOf(errors), value: undefined, redacted: undefined }
  }
  const { data, errors, extensions } = await graph.ask(operation, { scopes: granted })
  const value = JSON.stringify(data ?? null).match(/"value":(.*?)[,}\]]*$/)?.[1]
  return { forbidden: messageOf(errors), value, redacted: extensions?.redacted }
}

function messageOf(errors: readonly { message: string; extensions?: Record<string, unknown> }[] | undefined): string | null {
  if (!errors) return null
  expect(errors.map((error) => error.extensions?.code)).toEqual(['FORBIDDEN'])
  return errors[0]!.message
}

describe('the permissions of the schema', () => {
  it('each have an operation in this test', () => {
    expect(Object.keys(operations).sort()).toEqual([...permissions.keys()].sort())
  })

  it('cover every root field but the viewer itself', () => {
    const roots = fields.map(({ name }) => name).filter((name) => /^(Query|Mutation|Subscription)\./.test(name))
    expect(roots.filter((name) => !permissions.has(name))).toEqual(['Query.viewer'])
  })
})

describe.each(resolverModes)('with %s resolvers', (resolvers) => {
  for (const [field, { scopes: needed, otherwise }] of permissions) {
    const rootScopes = otherwise === 'hide' ? [rootScopeOf[field] ?? 'tickets:read'] : needed

    it(`${field} is open to a viewer with every scope`, async () => {
      const { forbidden, value, redacted } = await ask(field, [...allScopes, everySource], resolvers)
      expect({ forbidden, redacted }).toEqual({ forbidden: null, redacted: undefined })
      if (otherwise === 'hide') expect(value).not.toBe('null')
    })

    for (const missing of allScopes) {
      const isNeeded = needed.includes(missing)
      const state = isNeeded ? (otherwise === 'forbid' ? 'forbidden' : 'hidden') : 'open'
      it(`${field} is ${state} without ${missing}`, async () => {
        const granted = [...allScopes.filter((scope) => scope !== missing), everySource]
        const { forbidden, value, redacted } = await ask(field, granted, resolvers)
        expect(forbidden).toBe(rootScopes.includes(missing) ? `This needs the scope "${missing}".` : null)
        if (otherwise === 'forbid' || forbidden !== null) return
        expect(value === 'null').toBe(isNeeded)
        expect(redacted).toEqual(isNeeded && missing === 'customers:pii' ? ['customers:pii'] : undefined)
      })

      it(`${field} is closed to ${missing} alone unless that is all it needs`, async () => {
        const { forbidden, value } = await ask(field, [missing, everySource], resolvers)
        const isAllowed = rootScopes.every((scope) => scope === missing)
        expect(forbidden === null).toBe(isAllowed)
        if (otherwise === 'hide' && isAllowed) expect(value).toBe('null')
      })
    }
  }
})

describe('hidden fields', () => {
  it('are announced once, however many there are', async () => {
    const { graph } = createGraphFixture()
    const { extensions } = await graph.ask('{ tickets { nodes { customer { name email phone } } } }', {
      scopes: ['tickets:read', everySource],
    })
    expect(extensions).toEqual({ redacted: ['customers:pii'] })
  })

  it('include the names of customers who wrote a message, and not those of agents', async () => {
    const { graph } = createGraphFixture()
    const { data } = await graph.ask(`{ ticket(id: "${ids.ticket}") { threads { nodes { author { kind name } } } } }`, {
      scopes: ['tickets:read', everySource],
    })
    const { threads } = data!.ticket as { threads: { nodes: unknown[] } }
    expect(threads.nodes).toEqual([{ author: { kind: 'CUSTOMER', name: null } }, { author: { kind: 'AGENT', name: 'Bob' } }])
  })
})

describe('Query.viewer', () => {
  it('needs no scope', async () => {
    const { graph } = createGraphFixture()
    const { data, errors } = await graph.ask('{ viewer { key email scopes } }', { scopes: [] })
    expect(errors).toBeUndefined()
    expect(data).toEqual({ viewer: { key: 'ann', email: 'ann@example.com', scopes: [] } })
  })
})

describe('a source for which the viewer has no scope', () => {
  const scopes = [...allScopes, 'source:rbi']

  it('looks as if it did not exist: its objects are null, and the source itself is unknown', async () => {
    const { graph, sources } = createGraphFixture()
    const { data, errors } = await graph.ask(
      `{ ticket(id: "${ids.ticket}") { id } customer(id: "${ids.customer}") { id } node(id: "${ids.deadLetter}") { id }
         nodes(ids: ["${ids.message}", "${ids.vendor}"]) { id } sources { key } quarantine { nodes { id } }
         tickets { sources { source { key } } } }`,
      { scopes },
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      ticket: null,
      customer: null,
      node: null,
      nodes: [null, null],
      sources: [{ key: 'rbi' }],
      quarantine: { nodes: [] },
      tickets: { sources: [{ source: { key: 'rbi' } }] },
    })
    expect(sources.oneview.calls).toMatchObject({ list: [], load: [] })
  })

  it('is null or rejected with the same message, as one that does not exist', async () => {
    const { graph } = createGraphFixture()
    const { data } = await graph.ask('{ hidden: source(key: "oneview") { key } missing: source(key: "nothing") { key } }', {
      scopes,
    })
    expect(data).toEqual({ hidden: null, missing: null })
    const messageFor = async (key: string) => {
      const { errors } = await graph.ask(`{ ticketByExternalId(source: "${key}", externalId: "t1") { id } }`, { scopes })
      return errors![0]!.message.replace(key, 'KEY')
    }
    expect(await messageFor('oneview')).toBe('There is no source "KEY". There are: rbi.')
    expect(await messageFor('nothing')).toBe('There is no source "KEY". There are: rbi.')
  })

  it('has events that an administrator of another source cannot see', async () => {
    const { graph } = createGraphFixture()
    const { errors } = await graph.ask(`mutation { replayQuarantined(id: "${ids.deadLetter}") { id } }`, { scopes })
    expect(errors![0]).toMatchObject({
      message: 'There is no quarantined event with this id.',
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })
})

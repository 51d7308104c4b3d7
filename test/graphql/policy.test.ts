import { isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { fieldRules, type Scope, scopes } from '../../src/domain/permissions.ts'
import { createSmallWorld, ids } from '../support/graph/small-world.ts'

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
  'Query.customer': `{ customer(id: "${ids.customer}") { id } }`,
  'Query.vendor': `{ vendor(id: "${ids.vendor}") { id } }`,
  'Query.sources': '{ sources { key } }',
  'Query.escalationDepartments': '{ escalationDepartments(source: "oneview") { id } }',
  'Query.transferQueues': '{ transferQueues(source: "oneview") { id } }',
  'Query.resolutionStatuses': '{ resolutionStatuses(source: "oneview") }',
  'Query.contactReasons': '{ contactReasons(source: "oneview") { code } }',
  'Query.previewRoute': '{ previewRoute(input: { source: "rbi", category: "order" }) { type } }',
  'Query.deliveries': '{ deliveries { nodes { id } } }',
  'Query.quarantine': '{ quarantine { nodes { id } } }',
  'Mutation.createTicket': write('createTicket', 'source: "oneview", title: "x"'),
  'Mutation.updateTicket': write('updateTicket', `${target}, title: "x"`),
  'Mutation.replyToTicket': write('replyToTicket', `${target}, body: "x", visibility: PUBLIC`),
  'Mutation.escalateTicket': write('escalateTicket', target),
  'Mutation.closeTicket': write('closeTicket', target),
  'Mutation.reassignTicket': write('reassignTicket', `${target}, assignee: "bob@example.com"`),
  'Mutation.transferTicket': write('transferTicket', `${target}, queueId: "7"`),
  'Mutation.routeTicket': write('routeTicket', `id: "${ids.routed}"`),
  'Mutation.replayDelivery': `mutation { replayDelivery(id: "${ids.delivery}") { id } }`,
  'Mutation.replayQuarantined': `mutation { replayQuarantined(id: "${ids.quarantined}") { id } }`,
  'Mutation.discardQuarantined': `mutation { discardQuarantined(id: "${ids.quarantined}", reason: "x") { id } }`,
  'Subscription.ticketChanged': 'subscription { ticketChanged { cursor } }',
  'Ticket.raw': `{ ticket(id: "${ids.ticket}") { value: raw } }`,
  'Customer.name': `{ ticket(id: "${ids.ticket}") { customer { value: name } } }`,
  'Customer.firstName': `{ ticket(id: "${ids.ticket}") { customer { value: firstName } } }`,
  'Customer.lastName': `{ ticket(id: "${ids.ticket}") { customer { value: lastName } } }`,
  'Customer.email': `{ ticket(id: "${ids.ticket}") { customer { value: email } } }`,
  'Customer.phone': `{ ticket(id: "${ids.ticket}") { customer { value: phone } } }`,
  'Actor.name': `{ ticket(id: "${ids.ticket}") { threads(first: 1) { nodes { author { value: name } } } } }`,
  'QuarantinedEvent.body': '{ quarantine { nodes { value: body } } }',
}

/** The scopes that the way to a hidden field needs by itself. */
const wayTo: Record<string, Scope> = { 'QuarantinedEvent.body': 'routing:admin' }

interface Seen {
  readonly forbidden: string | null
  readonly value: unknown
  readonly redacted: unknown
}

async function look(field: string, granted: readonly string[]): Promise<Seen> {
  const { graph } = createSmallWorld()
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

describe('the table of rights', () => {
  it('has an operation here for every field that it names', () => {
    expect(Object.keys(operations).sort()).toEqual(Object.keys(fieldRules).sort())
  })

  it('names every root field but the viewer itself', () => {
    const { graph } = createSmallWorld()
    const roots = ['Query', 'Mutation', 'Subscription'].flatMap((name) => {
      const type = graph.schema.getType(name)
      return isObjectType(type) ? Object.keys(type.getFields()).map((field) => `${name}.${field}`) : []
    })
    expect(roots.filter((field) => !(field in fieldRules))).toEqual(['Query.viewer'])
  })

  for (const [field, { needs, otherwise }] of Object.entries(fieldRules)) {
    it(`opens ${field} to a viewer with every scope`, async () => {
      const { forbidden, value, redacted } = await look(field, [...allScopes, everySource])
      expect({ forbidden, redacted }).toEqual({ forbidden: null, redacted: undefined })
      if (otherwise === 'hide') expect(value).not.toBe('null')
    })

    for (const missing of allScopes) {
      const matters = needs.includes(missing)
      const closed = matters ? (otherwise === 'forbid' ? 'forbids' : 'hides') : 'opens'
      it(`${closed} ${field} without ${missing}`, async () => {
        const granted = [...allScopes.filter((scope) => scope !== missing), everySource]
        const { forbidden, value, redacted } = await look(field, granted)
        const rootNeeds = otherwise === 'hide' ? [wayTo[field] ?? 'tickets:read'] : needs
        expect(forbidden).toBe(rootNeeds.includes(missing) ? `This needs the scope "${missing}".` : null)
        if (otherwise === 'forbid' || forbidden !== null) return
        expect(value === 'null').toBe(matters)
        expect(redacted).toEqual(matters && missing === 'customers:pii' ? ['customers:pii'] : undefined)
      })

      it(`does not open ${field} to ${missing} alone unless that is all it needs`, async () => {
        const { forbidden, value } = await look(field, [missing, everySource])
        const rootNeeds = otherwise === 'hide' ? [wayTo[field] ?? 'tickets:read'] : needs
        const mayEnter = rootNeeds.every((scope) => scope === missing)
        expect(forbidden === null).toBe(mayEnter)
        if (otherwise === 'hide' && mayEnter) expect(value).toBe('null')
      })
    }
  }

  it('announces what was hidden once, however often it was hidden', async () => {
    const { graph } = createSmallWorld()
    const { extensions } = await graph.ask('{ tickets { nodes { customer { name email phone } } } }', {
      scopes: ['tickets:read', everySource],
    })
    expect(extensions).toEqual({ redacted: ['customers:pii'] })
  })

  it('hides the names of customers who wrote a message, and not those of agents', async () => {
    const { graph } = createSmallWorld()
    const { data } = await graph.ask(`{ ticket(id: "${ids.ticket}") { threads { nodes { author { kind name } } } } }`, {
      scopes: ['tickets:read', everySource],
    })
    const { threads } = data!.ticket as { threads: { nodes: unknown[] } }
    expect(threads.nodes).toEqual([{ author: { kind: 'CUSTOMER', name: null } }, { author: { kind: 'AGENT', name: 'Bob' } }])
  })

  it('lets everybody ask who they are', async () => {
    const { graph } = createSmallWorld()
    const { data, errors } = await graph.ask('{ viewer { id email scopes } }', { scopes: [] })
    expect(errors).toBeUndefined()
    expect(data).toEqual({ viewer: { id: 'ann', email: 'ann@example.com', scopes: [] } })
  })
})

describe('a source that the viewer was not granted', () => {
  const scopes = [...allScopes, 'source:rbi']

  it('leaves no sign: its things are null, and the source itself is unknown', async () => {
    const { graph, sources } = createSmallWorld()
    const { data, errors } = await graph.ask(
      `{ ticket(id: "${ids.ticket}") { id } customer(id: "${ids.customer}") { id } node(id: "${ids.quarantined}") { id }
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
    expect(sources.oneview.asked).toEqual({ lists: 0, loads: [] })
  })

  it('is refused in the same words as one that does not exist', async () => {
    const { graph } = createSmallWorld()
    const messageFor = async (key: string) => {
      const { errors } = await graph.ask(`{ escalationDepartments(source: "${key}") { id } }`, { scopes })
      return errors![0]!.message.replace(key, 'KEY')
    }
    expect(await messageFor('oneview')).toBe('There is no source "KEY". There are: rbi.')
    expect(await messageFor('nothing')).toBe('There is no source "KEY". There are: rbi.')
  })

  it('keeps its events from an administrator of another source', async () => {
    const { graph } = createSmallWorld()
    const { errors } = await graph.ask(`mutation { replayQuarantined(id: "${ids.quarantined}") { id } }`, { scopes })
    expect(errors![0]).toMatchObject({
      message: 'There is no quarantined event with this id.',
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })
})

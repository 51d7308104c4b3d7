import { type DocumentNode, type GraphQLSchema, Kind, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { noFailureLog, noMetrics } from '../../src/domain/telemetry.ts'
import type { GraphContext } from '../../src/graphql/context.ts'
import { createErrorBoundary } from '../../src/graphql/errors.ts'
import { createExecutor, type Executor } from '../../src/graphql/executor.ts'
import { createOperationPipeline } from '../../src/graphql/operation-pipeline.ts'
import { createCompiledExecutor } from '../../src/performance/compiled-executor/executor.ts'
import * as operations from '../generated/graphql.ts'
import type { ResolverMode } from '../support/graph/graph.ts'
import { createGraphFixture, ids } from '../support/graph/graph-fixture.ts'

/** Values for the variables of the operations that have some. */
const variablesOf: Record<string, Record<string, unknown>> = {
  ListTickets: { first: 2, filter: { status: ['OPEN'] }, orderBy: { field: 'CREATED_AT', direction: 'ASC' } },
  TicketWithEverything: { id: ids.ticket },
  Nodes: { ids: [...Object.values(ids), 'garbage'] },
  Lookups: { source: 'oneview' },
  CustomerTickets: { id: ids.customer, first: 1 },
  CountTickets: { by: 'STATUS', filter: { status: ['OPEN', 'CLOSED'] } },
  TicketByExternalId: { source: 'oneview', externalId: 't1' },
  PreviewRoute: { input: { source: 'rbi' } },
  Deliveries: { first: 1 },
  Quarantine: { first: 1 },
  ReplayDeliveries: { partner: 'careco', state: ['DEAD'], first: 1 },
  EnablePartner: { source: 'rbi', partner: 'careco' },
  ReplayAllQuarantined: { source: 'vcc', first: 1 },
  ReconcileSource: { source: 'oneview', first: 1, dryRun: true },
  CreateUpload: { input: { source: 'oneview', filename: 'a.png' } },
  ReplayDelivery: { id: ids.delivery },
  ReplayQuarantined: { id: ids.deadLetter },
  DiscardQuarantined: { id: ids.deadLetter, reason: 'x' },
  CreateTicket: { input: { source: 'oneview', title: 'x' } },
  UpdateTicket: { input: { id: ids.ticket, title: 'x' } },
  ReplyToTicket: { input: { id: ids.ticket, body: 'x', visibility: 'PUBLIC' } },
  EscalateTicket: { input: { id: ids.ticket } },
  CloseTicket: { input: { id: ids.ticket } },
  ReassignTicket: { input: { id: ids.ticket, assignee: 'bob' } },
  TransferTicket: { input: { id: ids.ticket, queue: '7' } },
  ReopenTicket: { input: { id: ids.ticket } },
  RouteTicket: { input: { id: ids.routed } },
}

const documents = Object.entries(operations)
  .filter(([name]) => name.endsWith('Document'))
  .map(([, text]) => parse(String(text)))

interface Asked {
  readonly document: DocumentNode
  readonly variables: Record<string, unknown>
  readonly scopes: readonly string[]
}

/** The response as a client gets it, without what depends on the moment. */
async function answer(
  createExecutorFor: (schema: GraphQLSchema) => Executor,
  resolvers: ResolverMode,
  { document, variables, scopes }: Asked,
) {
  const fixture = createGraphFixture({ resolvers })
  const context = fixture.graph.contextFor({ scopes })
  const pipeline = createOperationPipeline<GraphContext>({
    executor: createExecutorFor(fixture.graph.schema),
    errors: createErrorBoundary({ suggestions: true, failures: noFailureLog }),
    checkCost: () => ({}),
    metrics: noMetrics,
  })
  const result = await pipeline.run({ document, operationName: null, variables, context })
  return JSON.parse(pipeline.stringify(result), (key, value) => (key === 'latencyMs' ? 0 : value))
}

describe('the compiled execution and graphql-js', () => {
  for (const document of documents) {
    const [operation] = document.definitions
    if (operation?.kind !== Kind.OPERATION_DEFINITION || operation.operation === 'subscription') continue
    const name = operation.name!.value
    const variables = variablesOf[name] ?? {}
    for (const scopes of [['tickets:read'], ['tickets:read', 'tickets:write', 'tickets:raw', 'customers:pii', 'routing:admin']]) {
      it(`answer ${name} alike for a viewer with ${scopes.length} scopes`, async () => {
        const asked = { document, variables, scopes: [...scopes, 'source:*'] }
        const byGraphqlJs = await answer(createExecutor, 'wrapped', asked)
        const compiled = await answer(createCompiledExecutor, 'direct', asked)
        expect(compiled).toEqual(byGraphqlJs)
        if (scopes.length > 1 && !['Nodes', 'PreviewRoute'].includes(name)) expect(compiled.errors).toBeUndefined()
      })
    }
  }

  it('cover every operation that has a document', () => {
    const named = documents.flatMap(({ definitions: [first] }) =>
      first?.kind === Kind.OPERATION_DEFINITION ? [first.name!.value] : [],
    )
    expect(Object.keys(variablesOf).filter((name) => !named.includes(name))).toEqual([])
    expect(named.length).toBeGreaterThan(20)
  })
})

import { execute, parse } from 'graphql'
import { workloads } from './lib/operations.ts'
import { wireTicket } from './lib/tickets.ts'

// What execution alone costs: a page of 100 translated tickets, from domain objects to JSON text, by graphql-js and by the
// plan. Run it after a build: node bench/execution.ts [path of another build]

const dist = process.argv[2] ?? new URL('../dist', import.meta.url).pathname
const { createSchema } = await import(`${dist}/src/graphql/schema/index.js`)
const { callMethodsDirectly } = await import(`${dist}/src/performance/direct-resolvers.js`)
const { createExecutor } = await import(`${dist}/src/performance/compiled-executor/executor.js`)
const { toTicket } = await import(`${dist}/src/sources/oneview/mapping.js`)
const { toOneViewTicket } = await import(`${dist}/src/sources/oneview/decode.js`)
const { GraphContext } = await import(`${dist}/src/graphql/context.js`)
const { anonymous } = await import(`${dist}/src/domain/permissions.js`)

const source = {
  id: 'S',
  key: 'oneview',
  system: 'oneview',
  label: 'OneView',
  mode: 'PULL',
  actions: [],
  canCreate: false,
  filters: [],
}
const origin = { source, tenant: '', observedAt: '2024-02-15T14:46:46.000Z' }
const tickets = Array.from({ length: 100 }, (_, index) => toTicket(toOneViewTicket(wireTicket(index)), origin))
const page = {
  edges: tickets.map((node) => ({ cursor: 'c', node })),
  hasNextPage: true,
  hasPreviousPage: false,
  endCursor: 'c',
  totalCount: null,
  sources: [],
}
const byId = new Map(tickets.map((ticket: { externalId: string }) => [ticket.externalId, ticket]))
const fallback = tickets[0]
const reads = {
  list: async () => page,
  ticket: async (ref: { externalId: string }) => byId.get(ref.externalId) ?? fallback,
}
const services = {
  sources: [{ info: source, tenant: '', isExternalId: () => true }],
  desk: { reads: () => reads },
  maxPageSize: 100,
}
const call = { viewer: anonymous, signal: new AbortController().signal, requestId: 'r' }
const newContext = () => new GraphContext(services, { call })
const schema = createSchema({ transform: callMethodsDirectly })
const executor = createExecutor(schema)

async function time(title: string, once: () => Promise<unknown>): Promise<void> {
  for (let index = 0; index < 300; index++) await once()
  const before = process.cpuUsage()
  let runs = 0
  for (const end = performance.now() + 3_000; performance.now() < end; runs++) await once()
  const { user, system } = process.cpuUsage(before)
  console.log(`${title.padEnd(32)} ${((user + system) / runs).toFixed(0)} µs of CPU`)
}

for (const key of ['W2', 'W3']) {
  const { query, variables } = workloads.find((one) => one.key === key)!
  const document = parse(query)
  const request = { document, variables: variables[0]! }
  await time(`${key} by the plan`, async () => {
    const { data } = await executor.execute({ ...request, context: newContext() })
    // As the socket does: the text is made flat.
    return Buffer.byteLength(data.text)
  })
  await time(`${key} by graphql-js`, async () =>
    JSON.stringify(await execute({ schema, document, variableValues: variables[0]!, contextValue: newContext() })),
  )
}
process.exit(0)

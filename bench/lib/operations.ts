import { pageSize, ticketCount, ticketId } from './tickets.ts'

// What every server is asked for. The same text for all that speak the graph of contract.graphql.

const fields = `id externalId title status sourceStatus statusReason queue channel origin country language tags
  priorityRank sla createdAt updatedAt assignee { externalId email } orders { externalId entityId }
  customer { id externalId name firstName lastName email } vendor { id externalId vertical }`
const links = 'links { kind system externalId category reason creator createdAt }'
const linksWithTickets = 'links { kind system externalId category ticket { id title status customer { name } } }'

const letters = { ticket: 'T', customer: 'C', vendor: 'V' }

export type WorkloadKey = 'W1' | 'W2' | 'W3' | 'W4'

export interface Workload {
  readonly key: WorkloadKey
  readonly title: string
  readonly query: string
  /** One request's variables; requests go through them in turn. */
  readonly variables: readonly Record<string, unknown>[]
  /** Look-ups that the vendor's API forces for one request. */
  readonly forcedCalls: number
  /** Requests under way at once in the closed loop: enough to keep the server busy, without a queue before it. */
  readonly connections: number
}

export const workloads: readonly Workload[] = [
  {
    key: 'W1',
    title: 'one ticket with customer, vendor, links',
    query: `query One($id: ID!) { ticket(id: $id) { ${fields} ${links} } }`,
    variables: Array.from({ length: ticketCount }, (_, index) => ({ id: globalId('ticket', ticketId(index)) })),
    forcedCalls: 1,
    connections: 64,
  },
  {
    key: 'W2',
    title: 'a page of 100 with customer, vendor, links',
    query: `query Page($first: Int) { tickets(first: $first) { nodes { ${fields} ${links} } } }`,
    variables: [{ first: pageSize }],
    forcedCalls: 1,
    connections: 16,
  },
  {
    key: 'W3',
    title: 'the page with every link resolved, 40 distinct',
    query: `query Linked($first: Int) { tickets(first: $first) { nodes { ${fields} ${linksWithTickets} } } }`,
    variables: [{ first: pageSize }],
    forcedCalls: 41,
    connections: 8,
  },
  { key: 'W4', title: '{ __typename }', query: '{ __typename }', variables: [{}], forcedCalls: 0, connections: 64 },
]

/** Global ids as src/domain/ids.ts makes them, so that every server's answers can be the same. */
export function globalId(kind: keyof typeof letters, externalId: string): string {
  return Buffer.from(`${letters[kind]}oneview\0\0${externalId}`).toString('base64url')
}

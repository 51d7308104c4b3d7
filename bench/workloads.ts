import { pageSize, ticketCount, ticketId } from './lib/tickets.ts'

// The operations that every server is asked for, and in which order.

export type OperationName = 'ticket' | 'page' | 'linkedPage' | 'typename'

const fields = `id externalId title status sourceStatus statusReason queue channel origin country language tags
  priorityRank sla createdAt updatedAt assignee { externalId email } orders { externalId entityId }
  customer { id externalId name firstName lastName email } vendor { id externalId vertical }`
const links = 'links { kind system externalId category reason creator createdAt }'
const linksWithTickets = 'links { kind system externalId category ticket { id title status customer { name } } }'

/** Named operations: the hand-written server chooses its handler by the name. */
export const operations: Readonly<Record<OperationName, string>> = {
  ticket: `query One($id: ID!) { ticket(id: $id) { ${fields} ${links} } }`,
  page: `query Page($first: Int, $after: String) { tickets(first: $first, after: $after) { nodes { ${fields} ${links} } } }`,
  linkedPage: `query Linked($first: Int, $after: String) { tickets(first: $first, after: $after) { nodes { ${fields} ${linksWithTickets} } } }`,
  typename: '{ __typename }',
}

/** One request: the index of a ticket or of a page, and the index of the viewer whose token it carries. */
export interface BenchRequest {
  readonly item: number
  readonly viewer: number
}

export interface Workload {
  readonly key: string
  readonly title: string
  readonly operation: OperationName
  /** True: requests differ in their ticket or page and in their viewer. False: one viewer repeats one question. */
  readonly distinct: boolean
  /** Requests in flight at once: enough to keep the server busy. */
  readonly connections: number
  /** How many different tickets or pages there are. */
  readonly items: number
  /** Sent in this order, again from the start when it ends. */
  readonly requests: readonly BenchRequest[]
}

/** Each viewer has a token of its own. */
export const viewerCount = 50
export const pageCount = ticketCount / pageSize
/** Enough that a round rarely repeats the sequence. */
const sequenceLength = 4_096
const seed = 20_240_215

const kinds = [
  { number: 1, title: 'one ticket with customer, vendor and links', operation: 'ticket', items: ticketCount, connections: 64 },
  { number: 2, title: `a page of ${pageSize} such tickets`, operation: 'page', items: pageCount, connections: 16 },
  {
    number: 3,
    title: 'the page, each link resolved to its ticket (40 distinct)',
    operation: 'linkedPage',
    items: pageCount,
    connections: 8,
  },
  { number: 4, title: '{ __typename }', operation: 'typename', items: 1, connections: 64 },
] as const

/** W1d to W4d, then W1 to W4. */
export const workloads: readonly Workload[] = [
  ...kinds.map(({ number, ...kind }) => ({
    ...kind,
    key: `W${number}d`,
    distinct: true,
    requests: drawRequests(kind.items, viewerCount),
  })),
  ...kinds.map(({ number, ...kind }) => ({ ...kind, key: `W${number}`, distinct: false, requests: repeatOneViewer(kind) })),
]

/** W1 asks for each ticket in turn, so that its look-ups differ. W2 to W4 repeat one body. */
function repeatOneViewer({ operation, items }: { operation: OperationName; items: number }): BenchRequest[] {
  return Array.from({ length: operation === 'ticket' ? items : 1 }, (_, item) => ({ item, viewer: 0 }))
}

/** Popularity by Zipf's law: item n is requested 1/(n + 1) times as often as item 0. Viewers are drawn evenly. */
function drawRequests(items: number, viewers: number): BenchRequest[] {
  const random = createRandom(seed)
  const cumulative: number[] = []
  for (let item = 0; item < items; item++) cumulative.push((cumulative.at(-1) ?? 0) + 1 / (item + 1))
  const drawItem = () => {
    const drawn = random() * cumulative.at(-1)!
    return cumulative.findIndex((sum) => drawn < sum)
  }
  return Array.from({ length: sequenceLength }, () => ({ item: drawItem(), viewer: Math.floor(random() * viewers) }))
}

/** A linear congruential generator: the same numbers in [0, 1) in every run. */
function createRandom(start: number): () => number {
  let state = start
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const kindLetters = { ticket: 'T', customer: 'C', vendor: 'V' }

/** A global id as `src/domain/ids.ts` encodes it, so that every server can return the same ids. */
export function globalId(kind: keyof typeof kindLetters, externalId: string): string {
  return Buffer.from(`${kindLetters[kind]}oneview\0\0${externalId}`).toString('base64url')
}

/**
 * The variables of one request. `cursors[n]` is the server's own cursor of page n, null for the first page.
 */
export function toVariables(operation: OperationName, item: number, cursors: readonly (string | null)[]): object {
  if (operation === 'typename') return {}
  if (operation === 'ticket') return { id: globalId('ticket', ticketId(item)) }
  return { first: pageSize, after: cursors[item] ?? null }
}

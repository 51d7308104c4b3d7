import { request } from 'undici'
import * as z from 'zod'
import type { OperatorApi } from './operator-api.ts'

/** Why the gateway could not be used. The message is for the operator and shows no token. */
export class GraphFault extends Error {
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}

const timeoutMs = 60_000

const answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }).partial().optional() })).optional(),
})

const deliveryFields = 'id event partner state attempts lastStatus lastError nextAttemptAt deliveredAt createdAt'
const pageFields = (fields: string) => `edges { cursor node { ${fields} } } pageInfo { hasNextPage }`
const bulkFields = 'done failed userErrors { code message field retryable }'

/** The operator's actions over the graph of a gateway. Every method rejects with GraphFault. */
export function createGraphApi(url: string, token: string | undefined): OperatorApi {
  const endpoint = toEndpoint(url)

  /** The value of the operation's only field. */
  async function ask(query: string, variables: object): Promise<unknown> {
    const body = JSON.stringify({ query, variables })
    const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
    const response = await request(endpoint, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) }).catch(
      (error: Error & { code?: string }) => {
        throw new GraphFault(`The gateway at ${endpoint.host} cannot be reached (${error.code ?? error.name}).`)
      },
    )
    const decoded = answer.safeParse(await response.body.json().catch(() => null))
    if (!decoded.success) throw new GraphFault(`${endpoint.host} answered ${response.statusCode}, and not as a gateway does.`)
    const [error] = decoded.data.errors ?? []
    if (error) {
      const { code } = error.extensions ?? {}
      throw new GraphFault(`${code ?? response.statusCode}: ${error.message}`, code)
    }
    return Object.values(decoded.data.data ?? {})[0] ?? null
  }

  // The gateway's own answers have the types that its schema gives them.
  const read = async <T>(query: string, variables: object): Promise<T> => (await ask(query, variables)) as T
  const readPage = async <T>(query: string, variables: object) => {
    const { edges, pageInfo } = await read<{
      edges: readonly { cursor: string; node: T }[]
      pageInfo: { hasNextPage: boolean }
    }>(query, variables)
    return { items: edges, hasNextPage: pageInfo.hasNextPage }
  }
  /** null where the graph finds no record with this id. */
  const act = <T>(query: string, variables: object): Promise<T | null> =>
    read<T>(query, variables).catch((error: unknown) => {
      if (error instanceof GraphFault && error.code === 'BAD_USER_INPUT') return null
      throw error
    })

  return {
    listDeliveries: ({ partner, states }, { first, after }) =>
      readPage(
        `query ($first: Int, $after: String, $state: [DeliveryState!], $partner: String) {
          deliveries(first: $first, after: $after, state: $state, partner: $partner) { ${pageFields(deliveryFields)} } }`,
        { first, after, state: states, partner },
      ),
    replayDelivery: (id) => act('mutation ($id: ID!) { replayDelivery(id: $id) { id state } }', { id }),
    replayDeliveries: (partner, state, first) =>
      read(
        `mutation ($partner: String!, $state: [DeliveryState!], $first: Int) {
          replayDeliveries(partner: $partner, state: $state, first: $first) { ${bulkFields} } }`,
        { partner, state, first },
      ),
    enablePartner: (source, partner) =>
      read(
        `mutation ($source: String!, $partner: String!) { enablePartner(source: $source, partner: $partner) { ${bulkFields} } }`,
        { source, partner },
      ),
    listDeadLetters: (source, { first, after }) =>
      readPage(
        `query ($first: Int, $after: String, $source: String) {
          quarantine(first: $first, after: $after, source: $source) { ${pageFields('id source { key } receivedAt problem state')} } }`,
        { first, after, source },
      ),
    replayDeadLetter: (id) => act('mutation ($id: ID!) { replayQuarantined(id: $id) { id state } }', { id }),
    replayDeadLetters: (source, first) =>
      read(
        `mutation ($source: String!, $first: Int) { replayAllQuarantined(source: $source, first: $first) { ${bulkFields} } }`,
        { source, first },
      ),
    discardDeadLetter: (id, reason) =>
      act('mutation ($id: ID!, $reason: String!) { discardQuarantined(id: $id, reason: $reason) { id state } }', { id, reason }),
    reconcile: ({ sourceKey, limit, after, dryRun, force }) =>
      read(
        `mutation ($source: String!, $first: Int, $after: String, $dryRun: Boolean!, $force: Boolean!) {
          reconcileSource(source: $source, first: $first, after: $after, dryRun: $dryRun, force: $force) {
            checked changedIds removedIds failed total endCursor userErrors { code message field retryable } } }`,
        { source: sourceKey, first: limit, after, dryRun, force },
      ),
  }
}

/** The address of the graph; a URL without a path is completed. */
function toEndpoint(url: string): URL {
  const endpoint = URL.canParse(url) ? new URL(url) : null
  if (!endpoint || !/^https?:$/.test(endpoint.protocol)) throw new GraphFault('--url is the http or https address of a gateway.')
  if (endpoint.username || endpoint.password) throw new GraphFault('--url holds no credentials: use --token or DESKGRAPH_TOKEN.')
  if (endpoint.pathname === '/') endpoint.pathname = '/graphql'
  return endpoint
}

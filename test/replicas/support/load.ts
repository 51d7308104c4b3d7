import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { Agent } from 'undici'
import { askGraph } from '../../support/process/graph-client.ts'
import { type Claim, mixedEvent } from '../../support/process/senders.ts'

/** What mixed requests came to. */
export interface LoadResult {
  readonly requests: number
  /** One text for each request that was not answered as it should. */
  readonly failures: readonly string[]
  /** The external ids of the tickets that the gateway said it created. */
  readonly created: readonly string[]
  /** What the acknowledged events claim. */
  readonly claims: readonly Claim[]
}

export interface Load {
  stop(): Promise<LoadResult>
}

const page = 'query Page { tickets(first: 10) { nodes { id title status updatedAt } sources { source { key } outcome } } }'
const counts = 'query Counts { ticketCounts(by: STATUS) { groups { count } } }'
const create = `mutation Create($input: CreateTicketInput!) {
  createTicket(input: $input) { outcome ticket { externalId } userErrors { message } }
}`

/** Sends `perSecond` requests in each second: pages, counts, new tickets and events of senders, in turn. It waits for no answer before the next. */
export function startLoad(origin: string, perSecond: number): Load {
  const http = new Agent({ connections: 64 })
  const failures: string[] = []
  const created: string[] = []
  const claims: Claim[] = []
  const pending = new Set<Promise<void>>()
  let requests = 0

  const ask = async (query: string, variables: object = {}) => {
    const { status, data, errors } = await askGraph(http, origin, query, { ...variables })
    if (status !== 200 || errors) throw new Error(`${status} ${JSON.stringify(errors)}`)
    return data
  }
  const createOne = async (n: number): Promise<void> => {
    const input = {
      source: 'rbi',
      category: 'other',
      subcategory: 'app',
      description: `Load ${n}.`,
      idempotencyKey: randomUUID(),
    }
    const { createTicket } = await ask(create, { input })
    if (!createTicket?.ticket) throw new Error(JSON.stringify(createTicket))
    created.push(createTicket.ticket.externalId)
  }
  const sendEvent = async (n: number): Promise<void> => {
    const { path, headers, body, claim } = mixedEvent(n)
    const answer = await http.request({ origin, path, method: 'POST', headers: { ...headers }, body })
    await answer.body.dump()
    if (answer.statusCode >= 300) throw new Error(`${path.split('?')[0]} ${answer.statusCode}`)
    claims.push(claim)
  }
  const kinds = [() => ask(page), () => ask(counts), createOne, () => ask(page), sendEvent]
  const one = async (n: number): Promise<void> => {
    try {
      await kinds[n % kinds.length]!(n)
    } catch (error) {
      failures.push(`${n} ${String(error)}`)
    }
  }

  const startedAt = performance.now()
  const timer = setInterval(() => {
    // As many as are due: a timer that is late is made up for.
    for (const due = ((performance.now() - startedAt) / 1000) * perSecond; requests < due; requests++) {
      const running = one(requests).finally(() => pending.delete(running))
      pending.add(running)
    }
  }, 10)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(pending)
      await http.destroy()
      return { requests, failures, created, claims }
    },
  }
}

/** A subscriber over WebSocket that connects again whenever it is cut off, and resumes after its last cursor. */
export interface ResumingSubscriber {
  /** The external ids of the created tickets, in the order of their changes. */
  readonly seen: readonly string[]
  /** How often it connected. */
  connections(): number
  close(): Promise<void>
}

const changes = 'subscription ($after: String) { ticketChanged(after: $after) { cursor kind ticket { externalId } } }'
type ChangeMessage = { ticketChanged: { cursor: string; kind: string; ticket: { externalId: string } } }

export async function subscribeResuming(origin: string): Promise<ResumingSubscriber> {
  const http = new Agent()
  const { data } = await askGraph(http, origin, '{ changeCursor }')
  await http.destroy()
  const seen: string[] = []
  let after: string = data.changeCursor
  let connections = 0
  let closed = false
  let client: ReturnType<typeof createClient> | undefined

  /** Resolves when the connection has ended, for any reason. */
  const follow = (): Promise<void> =>
    new Promise((resolve) => {
      connections += 1
      const own = createClient({ url: `${origin.replace('http', 'ws')}/graphql`, retryAttempts: 0, webSocketImpl: WebSocket })
      client = own
      own.on('closed', () => resolve())
      const onNext = ({ data: change }: { data?: ChangeMessage | null }): void => {
        if (!change) return
        if (change.ticketChanged.kind === 'CREATED') seen.push(change.ticketChanged.ticket.externalId)
        after = change.ticketChanged.cursor
      }
      own.subscribe<ChangeMessage>(
        { query: changes, variables: { after } },
        { next: onNext, error: () => resolve(), complete: resolve },
      )
    })
  const running = (async () => {
    while (!closed) {
      await follow()
      void client?.dispose()
      if (!closed) await sleep(100)
    }
  })()
  return {
    seen,
    connections: () => connections,
    async close() {
      closed = true
      await client?.dispose()
      await running
    },
  }
}

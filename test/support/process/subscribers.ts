import { createClient } from 'graphql-ws'
import { Agent } from 'undici'

const subscription = 'subscription { ticketChanged { ticket { externalId source { key } } } }'

/** The changes that a subscriber received, and its end. */
export interface Subscriber {
  /** External ids, in the order of their changes. */
  readonly seen: readonly string[]
  /** Why it ended: "complete", "closed 1001" …; pending while it is open. */
  readonly ended: Promise<string>
  close(): void
}

/** Subscribes to every change over graphql-transport-ws. Resolves when the connection is open and the subscription is sent. */
export async function subscribeBySocket(origin: string): Promise<Subscriber> {
  const seen: string[] = []
  let end: (why: string) => void = () => {}
  const ended = new Promise<string>((resolve) => (end = resolve))
  const client = createClient({
    url: `${origin.replace('http', 'ws')}/graphql`,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => {},
    webSocketImpl: WebSocket,
  })
  const connected = new Promise<void>((resolve) => client.on('connected', () => resolve()))
  client.on('closed', (event) => end(`closed ${(event as CloseEvent).code}`))
  client.subscribe<{ ticketChanged: { ticket: { externalId: string } } }>(
    { query: subscription },
    {
      next: ({ data }) => void (data && seen.push(data.ticketChanged.ticket.externalId)),
      error: () => {},
      complete: () => end('complete'),
    },
  )
  await connected
  return { seen, ended, close: () => void client.dispose() }
}

/** Subscribes to every change over server-sent events. Resolves at the beginning of the answer. */
export async function subscribeByEvents(origin: string): Promise<Subscriber> {
  const http = new Agent()
  const seen: string[] = []
  const answer = await http.request({
    origin,
    path: '/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: subscription }),
  })
  const read = async (): Promise<string> => {
    let text = ''
    for await (const chunk of answer.body) {
      text += String(chunk)
      seen.splice(0, seen.length, ...[...text.matchAll(/"externalId":"([^"]+)"/g)].map(([, id]) => id ?? ''))
    }
    return text.includes('event: complete') ? 'complete' : 'cut off'
  }
  const ended = read().catch(() => 'broken off')
  return { seen, ended, close: () => void http.destroy() }
}

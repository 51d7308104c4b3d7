import { type Client, createClient } from 'graphql-sse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resuming } from './resuming.ts'
import { type ClientGateway, startClientGateway } from './support/gateway.ts'
import { patience, subscribe, testSubscriptionClient } from './support/subscription-client.ts'

let gateway: ClientGateway
beforeAll(async () => {
  gateway = await startClientGateway()
})
afterAll(() => gateway?.close())

/** graphql-sse's default: one connection for each operation. */
function createEventsClient(getToken: () => string | undefined, retryAttempts = Number.POSITIVE_INFINITY): Client {
  return resuming(
    createClient({
      url: gateway.url,
      // A function, so that every reconnect sends the present token.
      headers: (): Record<string, string> => {
        const token = getToken()
        return token === undefined ? {} : { authorization: `Bearer ${token}` }
      },
      retryAttempts,
    }),
  )
}

describe('graphql-sse', () => {
  testSubscriptionClient(
    () => gateway,
    () => createEventsClient(() => gateway.token),
  )

  test('resumes by Last-Event-ID, in an operation without a variable for the cursor', async () => {
    let lastEventId: string | undefined
    const client = createClient({
      url: gateway.url,
      retryAttempts: Number.POSITIVE_INFINITY,
      // A function, so that every reconnect names the last change.
      headers: (): Record<string, string> => ({
        authorization: `Bearer ${gateway.token}`,
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      }),
    })
    const changed: string[] = []
    const unsubscribe = client.subscribe<{ ticketChanged: { cursor: string; ticket: { id: string } } }>(
      { query: 'subscription { ticketChanged(filter: { sources: ["oneview"] }) { cursor ticket { id } } }' },
      {
        next({ data }) {
          if (!data) return
          lastEventId = data.ticketChanged.cursor
          changed.push(data.ticketChanged.ticket.id)
        },
        error: console.error,
        complete: () => undefined,
      },
    )
    const [first, ...missed] = [
      gateway.openTicket().id,
      gateway.openTicket().id,
      gateway.openTicket().id,
      gateway.openTicket().id,
    ]
    await gateway.untilSubscribed(1)
    await gateway.otherAgentEscalates(first!)
    await expect.poll(() => changed, patience).toEqual([first])
    await gateway.cutNetwork()
    await gateway.untilSubscribed(0)
    for (const id of missed) await gateway.otherAgentEscalates(id)
    await gateway.restoreNetwork()
    await expect.poll(() => changed, patience).toEqual([first, ...missed])
    unsubscribe()
    await gateway.untilSubscribed(0)
  })

  test('completes when its token expires, so that the application subscribes again with a fresh one', async () => {
    const shortToken = await gateway.shortToken(3)
    expect(await subscribe(createEventsClient(() => shortToken)).ended).toBe('complete')
  })

  // The client tries again after every status, also after 401: five times by default. `retryAttempts` limits it.
  test.each(['no token', 'an expired token'])('fails with 401, with %s', async (given) => {
    const { ended } = subscribe(createEventsClient(() => (given === 'no token' ? undefined : gateway.expiredToken), 0))
    expect(await ended).toMatchObject({ name: 'NetworkError', message: 'Server responded with 401: Unauthorized' })
  })
})

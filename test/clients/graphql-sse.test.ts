import { createEventsClient } from '@deskgraph/client/sse'
import { createClient } from 'graphql-sse'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ClientGateway, sharedGateway } from './support/gateway.ts'
import { patience, run, subscribe, testSubscriptionClient, tickets } from './support/subscription-client.ts'

let gateway: ClientGateway
beforeAll(async () => {
  gateway = await sharedGateway()
})

describe('graphql-sse', () => {
  testSubscriptionClient(
    () => gateway,
    () => createEventsClient({ url: gateway.url, getToken: () => gateway.token }),
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

  test('goes on with a fresh token when its token expires', async () => {
    const expiresAt = Math.floor(Date.now() / 1000) * 1000 + 3000
    const shortToken = await gateway.shortToken(3)
    let renewed = false
    const getToken = () => {
      renewed = Date.now() >= expiresAt
      return renewed ? gateway.token : shortToken
    }
    const { changed, unsubscribe } = subscribe(createEventsClient({ url: gateway.url, getToken }))
    await expect.poll(() => renewed, patience).toBe(true)
    await gateway.untilSubscribed(1)
    const { id } = gateway.openTicket()
    await gateway.otherAgentEscalates(id)
    await expect.poll(() => changed, patience).toEqual([id])
    unsubscribe()
    await gateway.untilSubscribed(0)
  })

  test.each(['no token', 'an expired token'])('fails with 401 after it has asked for a new token, with %s', async (given) => {
    const asked: boolean[] = []
    const getToken = ({ renew }: { renew: boolean }) => {
      asked.push(renew)
      return given === 'no token' ? undefined : gateway.expiredToken
    }
    const client = createEventsClient({ url: gateway.url, getToken })
    await expect(run(client, tickets)).rejects.toMatchObject({
      name: 'NetworkError',
      message: 'Server responded with 401: Unauthorized',
    })
    expect(asked).toEqual([false, true])
  })
})

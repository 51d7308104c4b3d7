import { TicketChangedDocument, type TicketChangedSubscription } from '@deskgraph/client'
import { createEventsClient } from '@deskgraph/client/sse'
import { createSocketClient } from '@deskgraph/client/ws'
import { print } from 'graphql'
import { beforeAll, expect, test } from 'vitest'
import { type ClientGateway, sharedGateway } from './support/gateway.ts'
import { patience } from './support/subscription-client.ts'

const cutMs = 15_000

let gateway: ClientGateway
beforeAll(async () => {
  gateway = await sharedGateway()
})

type Result = { readonly data?: TicketChangedSubscription | null }
interface LiveClient {
  subscribe(
    operation: { query: string; variables: Record<string, unknown> },
    sink: { next(result: Result): void; error(reason: unknown): void; complete(): void },
  ): () => void
}

/** Subscribes to the changes of OneView; returns the ids of the changed tickets so far. */
function listen(client: LiveClient) {
  const changed: (string | undefined)[] = []
  const ended: unknown[] = []
  const stop = client.subscribe(
    { query: print(TicketChangedDocument), variables: { filter: { sources: ['oneview'] } } },
    {
      next: ({ data }) => changed.push(data?.ticketChanged.ticket.id),
      error: (reason) => ended.push(reason),
      complete: () => ended.push('complete'),
    },
  )
  return { changed, ended, stop }
}

test('CLIENT-52: of a network that is gone for 15 seconds, exactly the three changes of that time arrive', async () => {
  // One network refuses connections. The other one is silent, as a lost wireless network is: it has to be noticed first.
  const [refusing, silent] = [await gateway.openNetwork(), await gateway.openNetwork()]
  const getToken = () => gateway.token
  const subscriptions = [refusing, silent].flatMap(({ url }) => [
    listen(createSocketClient({ url, getToken })),
    listen(createEventsClient({ url, getToken, silenceMs: 15_000 })),
  ])
  const everyOne = () => subscriptions.map(({ changed }) => changed)
  const [before, one, two, three, after] = Array.from({ length: 5 }, () => gateway.openTicket().id)

  await gateway.untilSubscribed(4)
  await gateway.otherAgentEscalates(before!)
  await expect.poll(everyOne, patience).toEqual(Array(4).fill([before]))

  await refusing.cut()
  silent.freeze()
  const cutAt = Date.now()
  for (const id of [one, two, three]) {
    await gateway.otherAgentEscalates(id!)
    await pause(cutMs / 5)
  }
  await pause(cutMs - (Date.now() - cutAt))
  expect(everyOne()).toEqual(Array(4).fill([before]))
  await refusing.restore()
  silent.thaw()

  await expect.poll(everyOne, patience).toEqual(Array(4).fill([before, one, two, three]))
  await gateway.otherAgentEscalates(after!)
  await expect.poll(everyOne, patience).toEqual(Array(4).fill([before, one, two, three, after]))
  expect(subscriptions.flatMap(({ ended }) => ended)).toEqual([])

  for (const { stop } of subscriptions) stop()
  await gateway.untilSubscribed(0)
  await Promise.all([refusing.close(), silent.close()])
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

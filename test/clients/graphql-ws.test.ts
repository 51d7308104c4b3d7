import { createSocketClient } from '@deskgraph/client/ws'
import type { Client } from 'graphql-ws'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ClientGateway, sharedGateway } from './support/gateway.ts'
import { patience, run, subscribe, testSubscriptionClient, tickets } from './support/subscription-client.ts'

let gateway: ClientGateway
beforeAll(async () => {
  gateway = await sharedGateway()
})

const createSocket = (getToken: () => string | undefined): Client => createSocketClient({ url: gateway.url, getToken })

describe('graphql-ws', () => {
  testSubscriptionClient(
    () => gateway,
    () => createSocket(() => gateway.token),
  )

  test('goes on with a fresh token when its token expires', async () => {
    const expiresAt = Math.floor(Date.now() / 1000) * 1000 + 5000
    const tokens = [await gateway.shortToken(5)]
    const connected: number[] = []
    const { changed, unsubscribe } = subscribe(
      createSocket(() => {
        connected.push(Date.now())
        return tokens.pop() ?? gateway.token
      }),
    )
    await expect.poll(() => connected.filter((at) => at >= expiresAt), patience).toHaveLength(1)
    await gateway.untilSubscribed(1)
    const { id } = gateway.openTicket()
    await gateway.otherAgentEscalates(id)
    await expect.poll(() => changed, patience).toEqual([id])
    unsubscribe()
    await gateway.untilSubscribed(0)
  })

  test.each(['no token', 'an expired token'])('fails with 4401 after it has asked for a new token, with %s', async (given) => {
    const asked: boolean[] = []
    const getToken = ({ renew }: { renew: boolean }) => {
      asked.push(renew)
      return given === 'no token' ? undefined : gateway.expiredToken
    }
    await expect(run(createSocketClient({ url: gateway.url, getToken }), tickets)).rejects.toMatchObject({ code: 4401 })
    expect(asked).toEqual([false, true])
  })
})

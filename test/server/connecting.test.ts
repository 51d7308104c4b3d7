import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ replayHistory: false })
})
afterAll(() => gateway.close())

/** More than fit into node's own queue, and no more than the kernel allows. */
const crowd = Math.min(1_000, Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')))
const synSent = '02'

/** Connections to this port of 127.0.0.1 in this state, as the kernel lists them. */
function countConnections(port: number, state: string): number {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n')
  return lines.map((line) => line.trim().split(/\s+/)).filter((fields) => fields[2] === remote && fields[3] === state).length
}

test('a crowd that connects at once is let in, with nobody dropped to try again later', async () => {
  const port = Number(new URL(gateway.url).port)
  const sockets: Socket[] = Array.from({ length: crowd }, () => connect(port, '127.0.0.1').on('error', () => {}))
  // All of them have asked by now, and the gateway, which runs in this thread, has taken none yet.
  const dropped = await new Promise<number>((resolve) => process.nextTick(() => resolve(countConnections(port, synSent))))
  for (const socket of sockets) socket.destroy()
  expect(dropped).toBe(0)
})

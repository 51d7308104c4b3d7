import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ replayHistory: false })
})
afterAll(() => gateway.close())

/** More connections than Node's default backlog, and no more than the kernel allows. */
const connectionCount = Math.min(1_000, Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')))
const synSent = '02'

/** Connections to this port of 127.0.0.1 in this state, as the kernel lists them. */
function countConnections(port: number, state: string): number {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n')
  return lines.map((line) => line.trim().split(/\s+/)).filter((fields) => fields[2] === remote && fields[3] === state).length
}

test('a thousand clients that connect at once are accepted, and the kernel drops none', async () => {
  const port = Number(new URL(gateway.url).port)
  const sockets: Socket[] = Array.from({ length: connectionCount }, () => connect(port, '127.0.0.1').on('error', () => {}))
  // All clients have sent their SYN. The gateway runs in this thread and has accepted no connection yet.
  const dropped = await new Promise<number>((resolve) => process.nextTick(() => resolve(countConnections(port, synSent))))
  for (const socket of sockets) socket.destroy()
  expect(dropped).toBe(0)
})

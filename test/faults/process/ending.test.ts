import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { createSandbox, type Sandbox } from '../../../sandbox/sandbox.ts'
import { buildWhenStale } from '../../support/process/built.ts'
import { type GatewayFiles, writeGatewayFiles } from '../../support/process/gateway-files.ts'
import { type GatewayProcess, startProcess } from '../../support/process/gateway-process.ts'
import { askGraph } from '../../support/process/graph-client.ts'
import { type CountingPartner, startCountingPartner } from '../../support/process/partner.ts'
import { subscribeByEvents, subscribeBySocket } from '../../support/process/subscribers.ts'
import { guarantee } from '../guarantee.ts'

const slowMs = 2_000
const list = '{ tickets(first: 5, filter: { sources: ["oneview"] }) { nodes { id } sources { outcome } } }'

describe('a gateway after SIGTERM', () => {
  let sandbox: Sandbox
  let partner: CountingPartner
  let files: GatewayFiles
  const http = new Agent({ connections: 20 })

  beforeAll(async () => {
    buildWhenStale()
    sandbox = await createSandbox({ latencyMs: slowMs, counts: { oneview: 20, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } })
    partner = await startCountingPartner()
    files = writeGatewayFiles({ partnerUrl: partner.url, sources: { oneview: { ...sandbox.gatewayConfig().sources.oneview } } })
  })
  afterAll(async () => {
    await http.destroy()
    await sandbox.close()
    await partner.close()
    files.remove()
  })

  const start = (): Promise<GatewayProcess> =>
    startProcess({ DESKGRAPH_CONFIG: files.configFile, DESKGRAPH_DATA_DIR: files.dataDir })

  guarantee(
    'PROCESS-02',
    {
      fault: 'SIGTERM while a read waits for a slow source, with idle connections and open subscriptions',
      expected: 'the read is answered, new requests are refused, subscriptions end cleanly, exit 0 within 10 s',
    },
    async () => {
      const gateway = await start()
      // Idle connections, as every load balancer has them.
      await Promise.all(Array.from({ length: 5 }, () => askGraph(http, gateway.url, '{ viewer { key } }')))
      const socket = await subscribeBySocket(gateway.url)
      const events = await subscribeByEvents(gateway.url)
      const reading = askGraph(http, gateway.url, list)
      await sleep(slowMs / 4)
      const signalledAt = performance.now()
      gateway.kill('SIGTERM')
      await sleep(200)
      expect(await isRefused(gateway.url)).toBe(true)
      const { status, data } = await reading
      expect({ status, nodes: data.tickets.nodes.length, outcome: data.tickets.sources[0].outcome }).toEqual({
        status: 200,
        nodes: 5,
        outcome: 'OK',
      })
      expect(await events.ended).toBe('complete')
      expect(await socket.ended).toBe('closed 1001')
      const { code } = await gateway.ended
      const ms = Math.round(performance.now() - signalledAt)
      expect(code).toBe(0)
      expect(ms).toBeLessThan(10_000)
      return `the read answered, exit ${code} after ${ms} ms, SSE complete, WebSocket 1001`
    },
  )

  guarantee(
    'PROCESS-02',
    {
      fault: 'SIGTERM while clients hold half a request and a silent WebSocket',
      expected: 'exit 0 within 10 s all the same',
    },
    async () => {
      const gateway = await start()
      const { port } = new URL(gateway.url)
      const half = connect(Number(port), '127.0.0.1')
      half.on('error', () => {})
      half.write('POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"que')
      const silent = await openSilentSocket(Number(port))
      await sleep(200)
      const signalledAt = performance.now()
      const { code } = await gateway.stop()
      const ms = Math.round(performance.now() - signalledAt)
      half.destroy()
      silent.destroy()
      expect(code).toBe(0)
      expect(ms).toBeLessThan(10_000)
      return `exit ${code} after ${ms} ms`
    },
  )
})

/** True when no process listens at the address. */
function isRefused(url: string): Promise<boolean> {
  return fetch(`${url}/health/live`, { signal: AbortSignal.timeout(5_000) }).then(
    () => false,
    () => true,
  )
}

/** A WebSocket whose client never answers, not even a close. */
async function openSilentSocket(port: number) {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  const key = Buffer.from('0123456789abcdef').toString('base64')
  socket.write(
    `GET /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-protocol: graphql-transport-ws\r\nsec-websocket-key: ${key}\r\n\r\n`,
  )
  await new Promise((resolve) => socket.once('data', resolve))
  return socket
}

import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { buildWhenStale } from '../../support/process/built.ts'
import { type GatewayFiles, writeGatewayFiles } from '../../support/process/gateway-files.ts'
import { launch, startProcess } from '../../support/process/gateway-process.ts'
import { findLost } from '../../support/process/graph-client.ts'
import { isAcknowledged, vccEvent } from '../../support/process/senders.ts'
import { guarantee } from '../guarantee.ts'

describe('the embedded database', () => {
  let files: GatewayFiles
  let http: Agent

  beforeAll(async () => {
    buildWhenStale()
    http = new Agent()
    files = writeGatewayFiles({ partnerUrl: 'http://127.0.0.1:9/hook' })
  })
  afterAll(async () => {
    await http.destroy()
    files.remove()
  })

  const embedded = () => ({ DESKGRAPH_CONFIG: files.configFile, DESKGRAPH_DATA_DIR: files.dataDir })

  guarantee(
    'STORAGE-07',
    {
      fault: 'kill -9 four times while the first start creates the embedded database',
      expected: 'the next start completes it and serves',
    },
    async () => {
      const moments = [300, 900, 1_500, 2_500]
      for (const ms of moments) {
        const { child, ended } = launch(embedded())
        await Promise.race([sleep(ms), ended])
        child.kill('SIGKILL')
        await ended
      }
      const gateway = await startProcess(embedded())
      const event = vccEvent(0)
      expect(await isAcknowledged(http, gateway.url, event)).toBe(true)
      expect(await findLost(http, gateway.url, [event.claim])).toEqual([])
      await gateway.stop()
      return `killed after ${moments.join(', ')} ms; then it started and stored an event`
    },
  )

  guarantee(
    'STORAGE-02',
    {
      fault: 'a second process on the embedded directory',
      expected: 'it ends with an exit code other than 0 and names the lock',
    },
    async () => {
      const first = await startProcess(embedded())
      const { code, output } = await launch(embedded()).ended
      expect(code).toBe(1)
      expect(output).toContain('deskgraph.lock')
      expect(output).not.toMatch(/\n {4}at /)
      expect(await isAcknowledged(http, first.url, vccEvent(10))).toBe(true)
      await first.stop()
      return `exit ${code}: ${output
        .split('\n')
        .find((line) => line.includes('deskgraph.lock'))
        ?.split(files.dataDir)
        .join('…')}`
    },
  )
})

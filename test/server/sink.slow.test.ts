import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'
import { isCustomerCareTicket } from '../support/wasabi-schema.ts'

let gateway: GatewayUnderTest
const folder = mkdtempSync(join(tmpdir(), 'deskgraph-sink-'))
const file = join(folder, 'changes.ndjson')

beforeAll(async () => {
  gateway = await startGatewayUnderTest({
    replayHistory: false,
    config: (config) => ({ ...config, sinks: [{ type: 'wasabi', name: 'wasabi', file }] }),
  })
}, 120_000)
afterAll(async () => {
  await gateway.close()
  rmSync(folder, { recursive: true })
})

function writtenEvents(): { eventAction: string; body: { ticketId: string; status: string } }[] {
  try {
    return readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  } catch {
    return []
  }
}

test('every change of any source is written once, in the Wasabi schema', async () => {
  const send = async (action: string, ticket: object) => {
    const body = JSON.stringify({ action, ticket: { ticketId: 77, projectId: 3, ticketNo: 'n', projectName: 'p', ...ticket } })
    const url = `${gateway.url}/webhooks/vcc?secret-key=${gateway.sandbox.vcc.token}`
    expect((await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status).toBe(200)
    await gateway.idle()
  }
  // The sink starts when it has its lease.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await send('add', {
    entityId: 5,
    title: 'Sink',
    status: 'park',
    subStatus: 'waiting4agent',
    firstOpenTime: '2024-02-15T15:46:46+01:00',
  })
  await send('update', { status: 'closed', subStatus: 'successful' })
  await expect.poll(() => writtenEvents().length, { timeout: 15_000 }).toBe(2)
  expect(writtenEvents().map(({ eventAction, body }) => [eventAction, body.ticketId, body.status])).toEqual([
    ['CREATED', 'vcc:3-77', 'OPEN'],
    ['UPDATED', 'vcc:3-77', 'RESOLVED'],
  ])
  for (const envelope of writtenEvents())
    expect(isCustomerCareTicket(envelope), JSON.stringify(isCustomerCareTicket.errors)).toBe(true)
})

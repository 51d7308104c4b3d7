import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rbiPlugin } from '../../src/sources/rbi/index.ts'
import { vccPlugin } from '../../src/sources/vcc/index.ts'
import { routingText } from '../delivery/delivery-fixture.ts'
import { someCall } from '../support/call.ts'
import { vccEvent } from '../support/ingestion-fixture.ts'
import { numbers, openFixture, openWasabi } from './event-fed-fixture.ts'
import { describeSource } from './source-contract.ts'

describeSource('VCC Live over the embedded database', async () => {
  const events = numbers.map((n) =>
    vccEvent('add', n, { title: `Ticket ${n}`, status: 'park', firstOpenTime: 1_700_000_000 + n }),
  )
  // A later state of one ticket with every documented field.
  events.push(
    vccEvent('update', 1, {
      ...{ description: 'd', type: 'complaint', status: 'closed', subStatus: 'successful', entityId: 7 },
      ...{ lastOpenTime: 1_700_000_100, softDeadline: '2024-02-15T15:46:00+01:00', agentName: 'Ann', agentUserName: 'ann' },
      ...{ createdUserId: 6, createdUserName: 'Bob', userId: 8 },
    }),
  )
  const fixture = await openFixture(vccPlugin, { account: 'acme', secret: 'vcc-secret-of-the-tests' }, events, 'acme')
  return {
    ...fixture,
    refs: numbers.map((n) => fixture.toRef(`1-${n}`)),
    missing: fixture.toRef('1-999'),
    unfilled: ['deletedAt'],
  }
})

describeSource('Wasabi over the embedded database', openWasabi)

describeSource('RBI over the embedded database, with tickets of partners and its own,', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'deskgraph-contract-'))
  const routing = join(folder, 'routing.yaml')
  const partner = { key: 'regional', url: 'http://127.0.0.1:9/hook', secret: 'partner-secret-of-the-tests', general: true }
  await writeFile(routing, routingText([partner]))
  const events = numbers.map((n) =>
    JSON.stringify({
      id: `partner-${n}`,
      type: 'GENERAL',
      category: 'other',
      subcategory: 'app',
      comments: `It crashes ${n} times.`,
      source: 'APP',
      createdAt: `2024-01-02T00:00:${String(n).padStart(2, '0')}Z`,
      ...(n === 1 && { store: { id: 's1' }, order: { id: 'o1' }, customer: { id: 'c1' } }),
    }),
  )
  const fixture = await openFixture(rbiPlugin, { secret: 'rbi-secret-of-the-tests', routing }, events, '')
  const own = await fixture.source.createTicket!({ source: 'rbi', category: 'other', subcategory: 'app' }, someCall())
  const refs = [...numbers.map((n) => fixture.toRef(`partner-${n}`)), fixture.toRef(own.ticket!.externalId, 'plk-eu')]
  return {
    ...fixture,
    refs,
    missing: fixture.toRef('missing', 'plk-eu'),
    async close() {
      await fixture.close()
      await rm(folder, { recursive: true })
    },
  }
})

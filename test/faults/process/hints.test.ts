import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { beforeAll, describe, expect } from 'vitest'
import { createDatabase, hasPostgres } from '../../support/databases.ts'
import { buildWhenStale } from '../../support/process/built.ts'
import { writeGatewayFiles } from '../../support/process/gateway-files.ts'
import { startProcess } from '../../support/process/gateway-process.ts'
import { askGraph } from '../../support/process/graph-client.ts'
import { findFreePort, type JournalRow, openHookedDesk, readJournal } from '../../support/process/hooked-desk.ts'
import { openLaggingSite } from '../../support/process/lagging-site.ts'
import { subscribeBySocket } from '../../support/process/subscribers.ts'
import { guarantee } from '../guarantee.ts'

// A few rounds by default, for a short run. CI sets DESKGRAPH_KILL_ROUNDS; a round takes nearly three seconds here.
const rounds = Math.min(20, Number(process.env.DESKGRAPH_KILL_ROUNDS ?? 3))
const pollMs = 1_000

/** The last recorded title of each ticket. */
function lastTitles(rows: readonly JournalRow[]): ReadonlyMap<string, string | null> {
  return new Map(rows.map(({ externalId, title }) => [externalId, title]))
}

/** Entries that say the same of a ticket as the entry before them. */
function repetitions(rows: readonly JournalRow[]): readonly JournalRow[] {
  const last = new Map<string, string>()
  return rows.filter(({ externalId, ...state }) => {
    const text = JSON.stringify(state)
    const isRepeated = last.get(externalId) === text
    last.set(externalId, text)
    return isRepeated
  })
}

/** A gateway's files, database and port, for one source. */
async function openDatabaseWith<Desk extends { readonly block: { readonly system: string }; close(): Promise<void> }>(
  opened: Promise<Desk>,
) {
  const [desk, database, port] = await Promise.all([opened, createDatabase(), findFreePort()])
  const { system } = desk.block
  const sources = { [system]: desk.block }
  const files = writeGatewayFiles({ partnerUrl: 'http://127.0.0.1:1', sources, config: { live: { pollIntervalMs: pollMs } } })
  const environment = { DESKGRAPH_CONFIG: files.configFile, DATABASE_URL: database.url }
  const journal = () => readJournal(database.url, system)
  const close = async () => {
    await desk.close()
    await database.drop()
    files.remove()
  }
  return { desk, port, environment, journal, close }
}

describe.runIf(await hasPostgres())('webhooks of a pulled source', () => {
  beforeAll(buildWhenStale)

  guarantee(
    'HINT-12',
    {
      fault: `kill -9 at any moment of webhooks and polling, ${rounds} rounds; webhooks to a dead gateway are lost`,
      expected: 'every change is in the change log, none twice; a removal that no webhook told is found by reconciliation',
      timeoutMs: 120_000 + rounds * 30_000,
    },
    async () => {
      const { desk, port, environment, journal, close } = await openDatabaseWith(openHookedDesk(100))
      const [gone, ...changing] = desk.ids
      const wanted = new Map<string, string>()
      let isOver = false
      const change = async () => {
        for (let number = 0; !isOver; number++) {
          const id = changing[number % 20]!
          const title = `Change ${number}`
          await desk.rename(id, title)
          wanted.set(id, title)
          await sleep(15)
        }
      }
      desk.zendesk.sender.set({ repeats: true, shuffles: true })
      let changes: Promise<void> | undefined
      for (let round = 0; round < rounds; round++) {
        const gateway = await startProcess({ ...environment, PORT: String(port) })
        const subscriber = await subscribeBySocket(gateway.url)
        if (round === 0) {
          // Known to the gateway before anything changes.
          await sleep(2 * pollMs)
          desk.sendTo(gateway.url)
          changes = change()
        }
        await sleep(800 + 400 * (round % 5))
        await gateway.slay()
        subscriber.close()
        if (round === 0) await desk.remove(gone!)
      }
      isOver = true
      await changes
      const gateway = await startProcess({ ...environment, PORT: String(port) })
      const subscriber = await subscribeBySocket(gateway.url)
      const missing = async () => {
        const titles = lastTitles(await journal())
        return [...wanted].filter(([id, title]) => titles.get(id) !== title).map(([id]) => id)
      }
      await expect.poll(missing, { timeout: 60_000, interval: 500 }).toEqual([])
      const http = new Agent()
      const reconcile =
        'mutation { reconcileSource(source: "zendesk", first: 500) { checked failed removedIds userErrors { message } } }'
      const { data } = await askGraph(http, gateway.url, reconcile)
      expect(data.reconcileSource).toMatchObject({ failed: 0, userErrors: [] })
      const rows = await journal()
      expect(rows.filter(({ kind }) => kind === 'DELETED').map(({ externalId }) => externalId)).toEqual([gone])
      expect(repetitions(rows)).toEqual([])
      const lost = desk.zendesk.sender.invocations().filter(({ status }) => status === null).length
      // Rounds without lost and delivered webhooks would prove nothing.
      expect(lost).toBeGreaterThan(0)
      expect(desk.zendesk.sender.invocations().some(({ status }) => status === 200)).toBe(true)
      subscriber.close()
      await gateway.stop()
      await http.destroy()
      await close()
      return `${rounds} kills: ${wanted.size} tickets, ${rows.length} entries, ${lost} webhooks lost, 0 changes lost, 0 repeated`
    },
  )

  guarantee(
    'HINT-13',
    {
      fault: '30 changes whose webhooks, each sent twice, go to two replicas',
      expected: 'each change is recorded once, and a subscriber of either replica sees it',
    },
    async () => {
      const { desk, environment, journal, close } = await openDatabaseWith(openHookedDesk(100))
      const replicas = await Promise.all([startProcess(environment), startProcess(environment)])
      for (const { url } of replicas) desk.sendTo(url)
      const subscribers = await Promise.all(replicas.map(({ url }) => subscribeBySocket(url)))
      await sleep(2 * pollMs)
      const ids = desk.ids.slice(0, 30)
      expect(ids).toHaveLength(30)
      for (const id of ids) await desk.rename(id, `Renamed ${id}`)
      const sorted = ids.toSorted()
      await expect.poll(async () => [...lastTitles(await journal()).keys()].toSorted(), { timeout: 20_000 }).toEqual(sorted)
      await expect
        .poll(() => subscribers.map(({ seen }) => [...new Set(seen)].toSorted()), { timeout: 5_000 })
        .toEqual([sorted, sorted])
      await desk.zendesk.sender.idle()
      await sleep(2 * pollMs)
      const rows = await journal()
      expect(rows.map(({ externalId }) => externalId).toSorted()).toEqual(sorted)
      for (const subscriber of subscribers) subscriber.close()
      await Promise.all(replicas.map((replica) => replica.stop()))
      await close()
      return `${desk.zendesk.sender.invocations().length} webhooks, ${rows.length} entries`
    },
  )

  guarantee(
    'HINT-15',
    {
      fault: 'the search of Jira shows changes 4 s late, no webhook comes, and the gateway is killed meanwhile',
      expected: 'every change is in the change log',
      timeoutMs: 180_000,
    },
    async () => {
      const { desk, environment, journal, close } = await openDatabaseWith(openLaggingSite(4_000))
      const ids = desk.ids.slice(0, 15)
      expect(ids).toHaveLength(15)
      const wanted = new Map<string, string>()
      for (let round = 0; round < 2; round++) {
        const gateway = await startProcess(environment)
        const subscriber = await subscribeBySocket(gateway.url)
        if (round === 0) await sleep(2 * pollMs)
        for (let number = 0; number < 45; number++) {
          const id = ids[number % ids.length]!
          const title = `Round ${round}, change ${number}`
          await desk.rename(id, title)
          wanted.set(id, title)
          await sleep(40)
        }
        // The last changes are not in the search yet.
        if (round === 0) await gateway.slay()
        else {
          const missing = async () => {
            const titles = lastTitles(await journal())
            return [...wanted].filter(([id, title]) => titles.get(id) !== title).map(([id]) => id)
          }
          await expect.poll(missing, { timeout: 60_000, interval: 500 }).toEqual([])
          await gateway.stop()
        }
        subscriber.close()
      }
      const rows = await journal()
      expect(repetitions(rows)).toEqual([])
      await close()
      return `${wanted.size} issues, 90 changes, ${rows.length} entries, 0 changes lost, 0 repeated`
    },
  )
})

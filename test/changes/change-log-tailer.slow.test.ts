import { sql } from 'kysely'
import { afterEach, describe, expect, test } from 'vitest'
import { type ChangeLogEntry, createChangeRecorder } from '../../src/changes/change-log.ts'
import { ChangeLogTailer } from '../../src/changes/change-log-tailer.ts'
import type { Store } from '../../src/db/open-store.ts'
import type { NewChange } from '../../src/domain/events.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { toUnknownTicket } from '../../src/sources/mapped-ticket.ts'
import { testEngines } from '../support/engines.ts'
import { findTestSource, vccInfo } from '../support/ingestion-fixture.ts'

const at = '2024-06-01T12:00:00.000Z'
const ticket = toUnknownTicket('1', { source: vccInfo, tenant: 'acme', observedAt: at }, { title: 'first' })
const createChange = (summary: string): NewChange => ({
  kind: 'UPDATED',
  ticket: { ...ticket, title: summary },
  before: ticket,
  at,
  actor: null,
  summary,
})

/** A tailer of the store's change log that counts its finished reads. */
async function startTailer(store: Store) {
  const entries: ChangeLogEntry[] = []
  let reads = 0
  const changeLog = {
    ...store.changeLog,
    read: async (after: number, limit: number) => {
      const slice = await store.changeLog.read(after, limit)
      reads += 1
      return slice
    },
  }
  // No poll happens within a test, so each entry arrives because the tailer was notified of it.
  const tailer = new ChangeLogTailer({ changeLog, logger: noLogger, pollMs: 60_000 })
  await tailer.listen((entry) => entries.push(entry))
  const summaries = () => entries.map(({ change }) => change.event.summary)
  return { entries, summaries, reads: () => reads, tailer }
}

describe.each(testEngines)('a listener of the change log on $name', ({ open }) => {
  const cleanups: (() => unknown)[] = []
  const setUp = async () => {
    const { store, close } = await open({ findSource: findTestSource })
    const started = await startTailer(store)
    cleanups.push(() => started.tailer.close(), close)
    // The read that every registration schedules has finished.
    await expect.poll(started.reads).toBe(1)
    return { store, ...started }
  }
  const record = (store: Store, ...summaries: string[]) => store.transaction((tx) => tx.record(summaries.map(createChange)))

  afterEach(async () => {
    for (const cleanUp of cleanups.splice(0)) await cleanUp()
  })

  test('gets the commits of this process as the log returns them, without a read', async () => {
    const { store, entries, summaries, reads } = await setUp()
    await record(store, 'one', 'two')
    await record(store, 'three')
    await expect.poll(summaries).toEqual(['one', 'two', 'three'])
    expect(reads()).toBe(1)
    const { changes } = await store.changeLog.read(0, 10)
    expect(entries).toEqual(changes)
  })

  test('gets the commits of another process in order', async () => {
    const { store, summaries } = await setUp()
    await record(store, 'one')
    await sql`insert into journal (seq, source_key, ticket_id, kind, at, actor, summary, changes, before, ticket, recorded_at)
      select nextval('journal_seq'), source_key, ticket_id, kind, at, actor, 'of another', changes, before, ticket, recorded_at
      from journal`.execute(store.db)
    await record(store, 'two')
    await expect.poll(summaries).toEqual(['one', 'of another', 'two'])
  })

  test('gets every entry although a sequence number is missing', async () => {
    const { store, summaries } = await setUp()
    await record(store, 'one')
    await sql`select nextval('journal_seq')`.execute(store.db)
    await record(store, 'two')
    await record(store, 'three')
    await expect.poll(summaries).toEqual(['one', 'two', 'three'])
  })

  test('that throws fails neither the commit nor the other listeners', async () => {
    const { store, summaries, tailer } = await setUp()
    await tailer.listen(() => {
      throw new Error('broken')
    })
    const registeredLater: string[] = []
    await tailer.listen(({ change }) => void registeredLater.push(change.event.summary))
    await record(store, 'one')
    await expect.poll(summaries).toEqual(['one'])
    expect(registeredLater).toEqual(['one'])
    expect((await store.changeLog.bounds()).head).toBe(1)
  })

  test('gets what a change recorder records', async () => {
    const { store, summaries } = await setUp()
    await createChangeRecorder(store).record(createChange('one'))
    await expect.poll(summaries).toEqual(['one'])
  })

  test('gets nothing of a transaction that was rolled back', async () => {
    const { store, summaries } = await setUp()
    const rolledBack = store.transaction(async (tx) => {
      await tx.record([createChange('undone')])
      throw new Error('later')
    })
    await expect(rolledBack).rejects.toThrow('later')
    await record(store, 'one')
    await expect.poll(summaries).toEqual(['one'])
  })
})

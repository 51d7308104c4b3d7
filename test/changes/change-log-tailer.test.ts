import { sql } from 'kysely'
import { afterEach, describe, expect, test } from 'vitest'
import type { ChangeLogSlice } from '../../src/changes/change-log.ts'
import { createChangeLogTailer } from '../../src/changes/change-log-tailer.ts'
import { createLocalPubSub } from '../../src/changes/pub-sub.ts'
import type { Store } from '../../src/db/open-store.ts'
import type { NewChange } from '../../src/domain/events.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { toUnknownTicket } from '../../src/sources/event-fed-ticket.ts'
import { testEngines } from '../support/engines.ts'
import { findTestSource, vccInfo } from '../support/ingestion-fixture.ts'

const at = '2024-06-01T12:00:00.000Z'
const ticket = toUnknownTicket('1', { source: vccInfo, tenant: 'acme', observedAt: at }, { title: 'first' })
const change = (summary: string): NewChange => ({
  kind: 'UPDATED',
  ticket: { ...ticket, title: summary },
  before: ticket,
  at,
  actor: null,
  summary,
})

type Entry = ChangeLogSlice['changes'][number]

/** Follows the journal of a store, and counts how often it is read. */
async function openFollowed(store: Store) {
  const entries: Entry[] = []
  let reads = 0
  const changeLog = {
    ...store.changeLog,
    read: (after: number, limit: number) => {
      reads += 1
      return store.changeLog.read(after, limit)
    },
  }
  // Never in the time of a test: what is found is found because it was told.
  const tail = createChangeLogTailer({ changeLog, bus: createLocalPubSub(), logger: noLogger, pollMs: 60_000 })
  await tail.follow((entry) => entries.push(entry))
  const come = async (count: number) => {
    for (const until = Date.now() + 5_000; entries.length < count && Date.now() < until; )
      await new Promise((resolve) => setTimeout(resolve, 5))
    return entries.map((entry) => entry.change.event.summary)
  }
  return { entries, come, reads: () => reads, follow: tail.follow, close: () => tail.close() }
}

describe.each(testEngines)('who follows the journal on $name', ({ open }) => {
  const closing: (() => unknown)[] = []
  const openAll = async () => {
    const { store, close } = await open({ findSource: findTestSource })
    const followed = await openFollowed(store)
    closing.push(followed.close, close)
    // The first look, from where following began, is over.
    await new Promise((resolve) => setTimeout(resolve, 100))
    return { store, ...followed }
  }
  const record = (store: Store, ...summaries: string[]) => store.transaction((tx) => tx.record(summaries.map(change)))

  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  test('gets what this process journalled as it would be read, and nothing is read for it', async () => {
    const { store, entries, come, reads } = await openAll()
    const before = reads()
    await record(store, 'one', 'two')
    await record(store, 'three')
    expect(await come(3)).toEqual(['one', 'two', 'three'])
    expect(reads()).toBe(before)
    const { changes } = await store.changeLog.read(0, 10)
    expect(entries).toEqual(changes)
  })

  test('gets what another process journalled in between, in order', async () => {
    const { store, come } = await openAll()
    await record(store, 'one')
    await sql`insert into journal (seq, source_key, ticket_id, kind, at, actor, summary, changes, before, ticket, recorded_at)
      select nextval('journal_seq'), source_key, ticket_id, kind, at, actor, 'of another', changes, before, ticket, recorded_at
      from journal`.execute(store.db)
    await record(store, 'two')
    expect(await come(3)).toEqual(['one', 'of another', 'two'])
  })

  test('gets everything although a number was drawn and not used', async () => {
    const { store, come } = await openAll()
    await record(store, 'one')
    await sql`select nextval('journal_seq')`.execute(store.db)
    await record(store, 'two')
    await record(store, 'three')
    expect(await come(3)).toEqual(['one', 'two', 'three'])
  })

  test('breaks nothing of a commit, and nothing for others, when it breaks itself', async () => {
    const { store, come, follow } = await openAll()
    await follow(() => {
      throw new Error('broken')
    })
    const behind: string[] = []
    await follow(({ change }) => void behind.push(change.event.summary))
    await record(store, 'one')
    expect(await come(1)).toEqual(['one'])
    expect(behind).toEqual(['one'])
    expect((await store.changeLog.bounds()).head).toBe(1)
  })

  test('hears nothing of a transaction that failed', async () => {
    const { store, come } = await openAll()
    const work = store.transaction(async (tx) => {
      await tx.record([change('undone')])
      throw new Error('later')
    })
    await expect(work).rejects.toThrow('later')
    await record(store, 'one')
    expect(await come(1)).toEqual(['one'])
  })
})

import { DeskgraphError } from '../domain/errors.ts'
import type { Change, ChangeFeed } from '../domain/events.ts'
import type { JournalLog } from '../domain/journal.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { ChangeBus } from './change-bus.ts'
import { createJournalTail } from './journal-tail.ts'
import { createMailbox, type Mailbox } from './mailbox.ts'

export interface ChangeFeedDeps {
  readonly journal: JournalLog
  readonly bus: ChangeBus
  readonly metrics: Metrics
  readonly logger: Logger
  /** How many changes may wait for one reader before it is closed as too slow. */
  readonly maxWaiting?: number
  readonly pollMs?: number
}

/** The first change after a gap says so. */
async function* toChanges(entries: AsyncIterable<Entry>, gap: boolean): AsyncGenerator<Change> {
  let missed = gap
  for await (const { change } of entries) {
    yield missed ? { ...change, gap: true } : change
    missed = false
  }
}

interface Entry {
  readonly seq: number
  readonly change: Change
}

const pageSize = 200
const tooSlow = (): DeskgraphError =>
  new DeskgraphError('OVERLOADED', 'You read changes more slowly than they come. Subscribe again behind your last cursor.', {
    retryAfter: 1,
  })

/** Where a reader resumes: behind its cursor, at the earliest change kept, or at the end. */
async function startOf(journal: JournalLog, after: string): Promise<{ readonly at: number; readonly gap: boolean }> {
  const seq = journal.seqOf(after)
  if (seq === null) throw new DeskgraphError('BAD_USER_INPUT', 'This is not a cursor of the journal.')
  const { head, prunedThrough } = await journal.bounds()
  // A number beyond the head is another journal's: what lay between is unknown.
  if (seq > head) return { at: head, gap: true }
  return seq < prunedThrough ? { at: prunedThrough, gap: true } : { at: seq, gap: false }
}

/** Live changes of all replicas, resumable from the journal. `close` ends every subscription. */
export function createChangeFeed(deps: ChangeFeedDeps): ChangeFeed & { close(): void } {
  const { journal, metrics, maxWaiting = 1_000 } = deps
  const tail = createJournalTail(deps)
  const open = new Set<Mailbox<Entry>>()
  const count = (): void => metrics.set('subscribers', open.size)

  /** Reads the journal from `at` to its present end. */
  async function* catchUp(from: number, signal: AbortSignal): AsyncGenerator<Entry, number> {
    let at = from
    for (let more = true; more && !signal.aborted; ) {
      const slice = await journal.read(at, pageSize)
      yield* slice.changes
      at = slice.lastSeq
      more = slice.full
    }
    return at
  }

  async function* live(mailbox: Mailbox<Entry>, from: number): AsyncGenerator<Entry> {
    let at = from
    for await (const entry of mailbox) {
      if (entry.seq <= at) continue
      at = entry.seq
      yield entry
    }
  }

  function subscribe(after: string | null, signal: AbortSignal): AsyncGenerator<Change> {
    const mailbox = createMailbox<Entry>({ maxWaiting, signal, tooSlow })
    open.add(mailbox)
    count()
    const follow = () => tail.follow((seq, change) => mailbox.put({ seq, change }))
    // From now means from this call, not from the first look.
    const following = after === null ? follow() : null
    following?.catch(() => {})
    const end = async (): Promise<void> => {
      mailbox.close()
      open.delete(mailbox)
      count()
      signal.removeEventListener('abort', end)
      await stops?.().catch(() => {})
    }
    let stops: (() => Promise<void>) | null = following ? async () => (await following).stop() : null
    if (signal.aborted) void end()
    else signal.addEventListener('abort', end, { once: true })

    async function* read(): AsyncGenerator<Change> {
      try {
        if (after === null) {
          yield* toChanges(live(mailbox, (await (following as NonNullable<typeof following>)).from), false)
          return
        }
        const start = await startOf(journal, after)
        yield* toChanges(resume(start.at), start.gap)
      } finally {
        await end()
      }
    }

    /** Reads on until little is left, then follows, then reads what came in between: the two meet at a number. */
    async function* resume(from: number): AsyncGenerator<Entry> {
      const near = yield* catchUp(from, signal)
      if (signal.aborted) return
      const joined = await follow()
      stops = async () => joined.stop()
      yield* live(mailbox, yield* catchUp(near, signal))
    }

    return read()
  }

  return {
    subscribe: ({ after, signal }) => subscribe(after, signal),
    subscriberCount: () => open.size,
    close() {
      tail.close()
      for (const mailbox of open) mailbox.close()
    },
  }
}

import { DeskgraphError } from '../domain/errors.ts'
import type { Change, ChangeFeed } from '../domain/events.ts'
import type { JournalLog, JournalSlice } from '../domain/journal.ts'
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

type Entry = JournalSlice['changes'][number]
type Subscription = Parameters<ChangeFeed['subscribe']>[0]

const pageSize = 200
const everything = (): boolean => true
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
  const listeners = new Set<() => void>()
  const count = (): void => metrics.set('subscribers', open.size)

  function subscribe({ after, signal, concerns = everything }: Subscription): AsyncGenerator<readonly Change[]> {
    const mailbox = createMailbox<Entry>({ maxWaiting, signal, tooSlow })
    open.add(mailbox)
    count()
    for (const tell of listeners) tell()
    const follow = () =>
      tail.follow((entry) => {
        if (concerns(entry.change)) mailbox.put(entry)
      })
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

    let missed = false
    /** The first change after a gap says so. */
    const mark = (changes: readonly Change[]): readonly Change[] => {
      const [first, ...others] = changes
      if (!missed || !first) return changes
      missed = false
      return [{ ...first, gap: true }, ...others]
    }

    /** Reads the journal from there to its present end, and returns where that is. */
    async function* catchUp(from: number): AsyncGenerator<readonly Change[], number> {
      let at = from
      for (let more = true; more && !mailbox.aborted; ) {
        const slice = await journal.read(at, pageSize)
        yield mark(slice.changes.map(({ change }) => change).filter(concerns))
        at = slice.lastSeq
        more = slice.full
      }
      return at
    }

    /** Reads on until little is left, then follows, then reads what came in between: the two meet at a number. */
    async function* resume(cursor: string): AsyncGenerator<readonly Change[], number> {
      const start = await startOf(journal, cursor)
      missed = start.gap
      const near = yield* catchUp(start.at)
      if (mailbox.aborted) return near
      const joined = await follow()
      stops = async () => joined.stop()
      return yield* catchUp(near)
    }

    async function* read(): AsyncGenerator<readonly Change[]> {
      try {
        const from = following ? (await following).from : yield* resume(after ?? '')
        for (let batch = await mailbox.take(); batch && !mailbox.aborted; batch = await mailbox.take()) {
          yield mark(batch.filter(({ seq }) => seq > from).map(({ change }) => change))
        }
      } finally {
        await end()
      }
    }
    return read()
  }

  return {
    subscribe,
    subscriberCount: () => open.size,
    onSubscribed(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      tail.close()
      for (const mailbox of open) mailbox.close()
    },
  }
}

import { DeskgraphError } from '../domain/errors.ts'
import type { Change, ChangeStream } from '../domain/events.ts'
import { PullStream } from '../domain/pull-stream.ts'
import { BoundedQueue } from './bounded-queue.ts'
import type { ChangeLog, ChangeLogSlice } from './change-log.ts'
import type { ChangeLogTailer } from './change-log-tailer.ts'

export interface ChangeSubscriptionDeps {
  readonly changeLog: ChangeLog
  readonly tail: ChangeLogTailer
  /** How many changes may wait for the reader before it is closed as too slow. */
  readonly maxWaiting: number
  /** It has ended; perhaps said more than once. */
  onEnd(reader: ChangeSubscription): void
}

type Entry = ChangeLogSlice['changes'][number]
type Batch = readonly Change[]

const pageSize = 200
const everything = (): boolean => true
const tooSlow = (): DeskgraphError =>
  new DeskgraphError('OVERLOADED', 'You read changes more slowly than they come. Subscribe again behind your last cursor.', {
    retryAfter: 1,
  })

/** One reader's way along the journal: it reads what it has missed, then is handed what comes. */
export class ChangeSubscription extends PullStream<Batch> {
  readonly #deps: ChangeSubscriptionDeps
  readonly #concerns: (change: Change) => boolean
  readonly #signal: AbortSignal
  readonly #mailbox: BoundedQueue<Entry>
  /** Until it has caught up; gives the number that it has read up to. */
  #opening: AsyncGenerator<Batch, number> | null
  /** What was read of it and is not taken yet. */
  #opened: Batch | undefined
  #fault: unknown = null
  #following: ReturnType<ChangeLogTailer['follow']> | null = null
  #readThrough = 0
  #missed = false

  /** Follows from now, or, behind a cursor, from when it is first asked. */
  constructor({ after, signal, concerns = everything }: Parameters<ChangeStream['subscribe']>[0], deps: ChangeSubscriptionDeps) {
    super()
    this.#deps = deps
    this.#concerns = concerns
    this.#signal = signal
    this.#mailbox = new BoundedQueue<Entry>({ maxWaiting: deps.maxWaiting, signal, tooSlow })
    this.#opening = after === null ? this.#join(this.#follow()) : this.#resume(after)
    if (signal.aborted) this.cancel()
    else signal.addEventListener('abort', this.cancel, { once: true })
  }

  poll(): Batch | undefined {
    if (this.#fault) throw this.#fault
    if (this.#opening) {
      const opened = this.#opened
      this.#opened = undefined
      return opened
    }
    const entries = this.#mailbox.poll()
    return entries && this.#mark(entries.filter(({ seq }) => seq > this.#readThrough).map(({ change }) => change))
  }

  ready(): Promise<boolean> {
    return this.#opening ? this.#open(this.#opening) : this.#mailbox.ready()
  }

  /** After what waits for it now; the signal ends it at once. */
  readonly cancel = (): void => {
    this.#mailbox.cancel()
    this.#signal.removeEventListener('abort', this.cancel)
    this.#following?.then(
      ({ stop }) => stop(),
      () => {},
    )
    this.#deps.onEnd(this)
  }

  async #open(opening: AsyncGenerator<Batch, number>): Promise<boolean> {
    try {
      const { done, value } = await opening.next()
      if (this.#signal.aborted) return false
      if (!done) {
        this.#opened = value
        return true
      }
      this.#opening = null
      this.#readThrough = value
    } catch (error) {
      this.#fault = error
      return true
    }
    return this.#mailbox.ready()
  }

  #follow(): ReturnType<ChangeLogTailer['follow']> {
    const following = this.#deps.tail.follow((entry) => {
      if (this.#concerns(entry.change)) this.#mailbox.put(entry)
    })
    this.#following = following
    // Whoever waits for it is told.
    following.catch(() => {})
    return following
  }

  // biome-ignore lint/correctness/useYield: from now on nothing has been missed.
  async *#join(following: ReturnType<ChangeLogTailer['follow']>): AsyncGenerator<Batch, number> {
    return (await following).from
  }

  /** Reads on until little is left, then follows, then reads what came in between: the two meet at a number. */
  async *#resume(cursor: string): AsyncGenerator<Batch, number> {
    const start = await startOf(this.#deps.changeLog, cursor)
    this.#missed = start.gap
    const near = yield* this.#catchUp(start.at)
    if (this.#signal.aborted) return near
    await this.#follow()
    return yield* this.#catchUp(near)
  }

  /** Reads the journal from there to its present end, and returns where that is. */
  async *#catchUp(from: number): AsyncGenerator<Batch, number> {
    let at = from
    for (let more = true; more && !this.#signal.aborted; ) {
      const slice = await this.#deps.changeLog.read(at, pageSize)
      yield this.#mark(slice.changes.map(({ change }) => change).filter(this.#concerns))
      at = slice.lastSeq
      more = slice.hasMore
    }
    return at
  }

  /** The first change after a gap says so. */
  #mark(changes: Batch): Batch {
    const [first, ...others] = changes
    if (!this.#missed || !first) return changes
    this.#missed = false
    return [{ ...first, gap: true }, ...others]
  }
}

/** Where a reader resumes: behind its cursor, at the earliest change kept, or at the end. */
async function startOf(changeLog: ChangeLog, after: string): Promise<{ readonly at: number; readonly gap: boolean }> {
  const seq = changeLog.parseCursor(after)
  if (seq === null) throw new DeskgraphError('BAD_USER_INPUT', 'This is not a cursor of the journal.')
  const { head, prunedThrough } = await changeLog.bounds()
  // A number beyond the head is another journal's: what lay between is unknown.
  if (seq > head) return { at: head, gap: true }
  return seq < prunedThrough ? { at: prunedThrough, gap: true } : { at: seq, gap: false }
}

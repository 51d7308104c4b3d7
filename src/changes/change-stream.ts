import { EventEmitter } from 'node:events'
import { DeskgraphError } from '../domain/errors.ts'
import type { Change, ChangeStream } from '../domain/events.ts'
import { PullStream } from '../domain/pull-stream.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import { BoundedQueue } from './bounded-queue.ts'
import type { ChangeLog, ChangeLogEntry } from './change-log.ts'
import { ChangeLogTailer, type CreateDispatcher, type Registration } from './change-log-tailer.ts'
import type { PubSub } from './pub-sub.ts'

export interface ChangeStreamDeps {
  readonly changeLog: ChangeLog
  /** Tells replicas of each other's commits. Absent: one process, or replicas that find changes by reading. */
  readonly pubSub?: PubSub | undefined
  readonly metrics: Metrics
  readonly logger: Logger
  /** How many changes may wait for one subscriber. One more ends its subscription with OVERLOADED. */
  readonly capacity?: number | undefined
  /** How often replicas without `pubSub` read each other's changes, in milliseconds. */
  readonly pollMs?: number | undefined
  /** How changes are handed to many subscribers. Absent: each at once. */
  readonly createDispatcher?: CreateDispatcher | undefined
}

/** A change stream that ends every subscription when it closes. */
export interface ClosableChangeStream extends ChangeStream {
  close(): void
}

/** Streams the changes of all replicas. A subscriber resumes after a cursor, from the change log. */
export function createChangeStream(deps: ChangeStreamDeps): ClosableChangeStream {
  const { changeLog, metrics, capacity = 1_000 } = deps
  const tailer = new ChangeLogTailer(deps)
  const subscriptions = new Set<ChangeSubscription>()
  const emitter = new EventEmitter<{ subscribed: [] }>()
  const updateGauge = (): void => metrics.set('subscribers', subscriptions.size)
  const onEnd = (subscription: ChangeSubscription): void => {
    subscriptions.delete(subscription)
    updateGauge()
  }

  return {
    subscribe(options) {
      const subscription = new ChangeSubscription(options, { changeLog, tailer, capacity, onEnd })
      if (!options.signal.aborted) subscriptions.add(subscription)
      updateGauge()
      emitter.emit('subscribed')
      return subscription
    },
    subscriberCount: () => subscriptions.size,
    onSubscribed(listener) {
      emitter.on('subscribed', listener)
      return () => void emitter.off('subscribed', listener)
    },
    close() {
      tailer.close()
      for (const subscription of subscriptions) subscription.cancel()
    },
  }
}

interface ChangeSubscriptionDeps {
  readonly changeLog: ChangeLog
  readonly tailer: ChangeLogTailer
  /** How many changes may wait for the subscriber. One more ends the subscription with OVERLOADED. */
  readonly capacity: number
  /** Called when the subscription ends, possibly more than once. */
  onEnd(subscription: ChangeSubscription): void
}

type Batch = readonly Change[]

const pageSize = 200
const acceptAll = (): boolean => true

/**
 * One subscription: first the entries that the subscriber has missed, read from the change log, then live changes from the tailer.
 * With `after` null it begins when it is constructed. With a cursor it begins to read when it is first asked.
 */
class ChangeSubscription extends PullStream<Batch> {
  readonly #deps: ChangeSubscriptionDeps
  readonly #filter: (change: Change) => boolean
  readonly #signal: AbortSignal
  /** Live changes that wait for the subscriber. */
  readonly #live: BoundedQueue<ChangeLogEntry>
  /** Reads the missed entries and returns the last number read. Null once the subscription is live. */
  #catchUp: AsyncGenerator<Batch, number> | null
  /** Read by `#catchUp` and not polled yet. */
  #missedBatch: Batch | undefined
  #error: unknown = null
  #registration: Promise<Registration> | null = null
  /** Live entries up to this number were read by `#catchUp` already. */
  #readThrough = 0
  /** True until the first change after a gap is marked. */
  #gapPending = false

  constructor({ after, signal, concerns = acceptAll }: Parameters<ChangeStream['subscribe']>[0], deps: ChangeSubscriptionDeps) {
    super()
    this.#deps = deps
    this.#filter = concerns
    this.#signal = signal
    this.#live = new BoundedQueue({ capacity: deps.capacity, signal, slowConsumerError: () => slowConsumerError(deps.capacity) })
    // Registers now: the subscriber must get what is committed between this call and its first read.
    if (after === null) this.#register()
    this.#catchUp = this.#readMissed(after)
    if (signal.aborted) this.cancel()
    else signal.addEventListener('abort', this.cancel, { once: true })
  }

  poll(): Batch | undefined {
    if (this.#error) throw this.#error
    if (this.#catchUp) {
      const batch = this.#missedBatch
      this.#missedBatch = undefined
      return batch
    }
    const entries = this.#live.poll()
    return entries && this.#markGap(entries.filter(({ seq }) => seq > this.#readThrough).map(({ change }) => change))
  }

  ready(): Promise<boolean> {
    return this.#catchUp ? this.#advance(this.#catchUp) : this.#live.ready()
  }

  /** Ends after the changes that wait now. The signal ends the subscription at once. */
  readonly cancel = (): void => {
    this.#live.cancel()
    this.#signal.removeEventListener('abort', this.cancel)
    this.#registration?.then(
      ({ stop }) => stop(),
      () => {},
    )
    this.#deps.onEnd(this)
  }

  /** Runs the catch-up until its next batch or its end. An error is thrown by the next `poll`. */
  async #advance(catchUp: AsyncGenerator<Batch, number>): Promise<boolean> {
    try {
      const { done, value } = await catchUp.next()
      if (this.#signal.aborted) return false
      if (!done) {
        this.#missedBatch = value
        return true
      }
      this.#catchUp = null
      this.#readThrough = value
    } catch (error) {
      this.#error = error
      return true
    }
    return this.#live.ready()
  }

  #register(): Promise<Registration> {
    this.#registration ??= this.#deps.tailer.listen((entry) => {
      if (this.#filter(entry.change)) this.#live.push(entry)
    })
    // The catch-up awaits the same promise and reports its rejection; unhandled, it would end the process before that.
    this.#registration.catch(() => {})
    return this.#registration
  }

  /** Reads to the end of the log, registers with the tailer, then reads what was appended in between. */
  async *#readMissed(after: string | null): AsyncGenerator<Batch, number> {
    if (after === null) return (await this.#register()).from
    const start = await findStart(this.#deps.changeLog, after)
    this.#gapPending = start.gap
    const end = yield* this.#readToEnd(start.seq)
    if (this.#signal.aborted) return end
    await this.#register()
    return yield* this.#readToEnd(end)
  }

  /** Returns the last number read. */
  async *#readToEnd(after: number): AsyncGenerator<Batch, number> {
    let seq = after
    for (let hasMore = true; hasMore && !this.#signal.aborted; ) {
      const slice = await this.#deps.changeLog.read(seq, pageSize)
      yield this.#markGap(slice.changes.map(({ change }) => change).filter(this.#filter))
      seq = slice.lastSeq
      hasMore = slice.hasMore
    }
    return seq
  }

  #markGap(changes: Batch): Batch {
    const [first, ...others] = changes
    if (!this.#gapPending || !first) return changes
    this.#gapPending = false
    return [{ ...first, gap: true }, ...others]
  }
}

function slowConsumerError(capacity: number): DeskgraphError {
  const message =
    `The subscription ended because more than ${capacity} changes were waiting to be read.` +
    ' Subscribe again with `after` set to the last cursor that you received.'
  return new DeskgraphError('OVERLOADED', message, { retryAfter: 1 })
}

/** Where to resume: after the cursor, at the oldest entry that still exists, or at the end of the log. */
async function findStart(changeLog: ChangeLog, after: string): Promise<{ readonly seq: number; readonly gap: boolean }> {
  const seq = changeLog.parseCursor(after)
  if (seq === null) {
    throw new DeskgraphError(
      'BAD_USER_INPUT',
      '`after` is not a cursor of a change. Use the `cursor` of a change that you received.',
    )
  }
  const { head, prunedThrough } = await changeLog.bounds()
  // A number above the head comes from another database: what the subscriber missed is unknown.
  if (seq > head) return { seq: head, gap: true }
  return seq < prunedThrough ? { seq: prunedThrough, gap: true } : { seq, gap: false }
}

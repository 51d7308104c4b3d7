import { setTimeout as sleep } from 'node:timers/promises'
import { toLogFields } from '../domain/errors.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { ChangeLog, ChangeLogCommit, ChangeLogEntry } from './change-log.ts'
import type { PubSub } from './pub-sub.ts'

export type ChangeLogListener = (entry: ChangeLogEntry) => void

/** A listener's place in the change log. */
export interface Registration {
  /** The listener gets every entry after this number. It may also get earlier ones, which it skips by their number. */
  readonly from: number
  /** Removes the listener. */
  stop(): void
}

/** Decides when entries reach the listeners. It keeps their order. */
export interface ChangeDispatcher {
  dispatch(entries: readonly ChangeLogEntry[]): void
  /** Drops the entries that were not delivered yet. */
  clear(): void
}

/** `deliver` hands entries to every listener; it never throws. */
export type CreateDispatcher = (deliver: (entries: readonly ChangeLogEntry[]) => void) => ChangeDispatcher

/** Delivers at once. `performance/adaptive-batching.ts` is the alternative for many listeners. */
const createImmediateDispatcher: CreateDispatcher = (deliver) => ({ dispatch: deliver, clear() {} })

export interface ChangeLogTailerDeps {
  readonly changeLog: ChangeLog
  /** Absent: other processes are noticed by reading only. */
  readonly pubSub?: PubSub | undefined
  readonly logger: Logger
  /** How often a shared change log is read when there is no `pubSub`, in milliseconds. */
  readonly pollMs?: number | undefined
  /** Absent: entries are delivered at once. */
  readonly createDispatcher?: CreateDispatcher | undefined
}

const pageSize = 200
const defaultPollMs = 200
/** With pub/sub, only a lost message makes this read necessary. */
const lostMessagePollMs = 5_000
const retryMs = 500

/** How far the log is read. A pause drops it, so that a read that began before the pause cannot move the next position. */
interface Position {
  /** The last number read; null until `opened` has resolved. */
  seq: number | null
  /** The end of the log when reading began. */
  readonly opened: Promise<number>
}

/** Reads the end of the change log once for all listeners of this process. It reads nothing while there are none. */
export class ChangeLogTailer {
  readonly #changeLog: ChangeLog
  readonly #logger: Logger
  readonly #pollMs: number
  readonly #dispatcher: ChangeDispatcher
  readonly #listeners = new Set<ChangeLogListener>()
  readonly #stopReceiving: () => void
  /** Null while there are no listeners. */
  #position: Position | null = null
  #readRequested = false
  #reading = false
  #closed = false
  #timer: NodeJS.Timeout | undefined

  constructor({ changeLog, pubSub, logger, pollMs, createDispatcher = createImmediateDispatcher }: ChangeLogTailerDeps) {
    this.#changeLog = changeLog
    this.#logger = logger
    this.#pollMs = pubSub ? lostMessagePollMs : (pollMs ?? defaultPollMs)
    this.#dispatcher = createDispatcher((entries) => this.#deliver(entries))
    const stopLocal = changeLog.onCommitted((commit) => {
      if (!this.#consumeLocalCommit(commit)) this.#scheduleRead()
      pubSub?.publish(commit.lastSeq)
    })
    const stopRemote = pubSub?.listen((seq) => {
      if (seq > (this.#position?.seq ?? 0)) this.#scheduleRead()
    })
    this.#stopReceiving = () => {
      stopLocal()
      stopRemote?.()
    }
  }

  /** Registers a listener. Rejects when the store cannot say where the log ends. */
  async listen(listener: ChangeLogListener): Promise<Registration> {
    this.#listeners.add(listener)
    const stop = (): void => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#pause()
    }
    this.#position ??= this.#open()
    const position = this.#position
    try {
      const from = position.seq ?? (await position.opened)
      this.#scheduleRead()
      return { from, stop }
    } catch (error) {
      if (this.#position === position) this.#pause()
      stop()
      throw error
    }
  }

  /** Ends all reading. Listeners get nothing more. */
  close(): void {
    this.#closed = true
    this.#pause()
    this.#stopReceiving()
  }

  #open(): Position {
    const opened = this.#changeLog.bounds().then(({ head }) => {
      position.seq = head
      return head
    })
    const position: Position = { seq: null, opened }
    if (this.#changeLog.shared) this.#timer ??= setInterval(() => this.#scheduleRead(), this.#pollMs).unref()
    return position
  }

  #pause(): void {
    this.#position = null
    this.#dispatcher.clear()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Delivers a commit of this process without a read, when it follows the position directly. Returns false otherwise. */
  #consumeLocalCommit({ firstSeq, lastSeq, changes }: ChangeLogCommit): boolean {
    if (this.#position === null || this.#reading || this.#position.seq !== firstSeq - 1) return false
    this.#position.seq = lastSeq
    this.#dispatcher.dispatch(changes())
    return true
  }

  #scheduleRead(): void {
    if (this.#position === null || this.#closed) return
    this.#readRequested = true
    if (!this.#reading) void this.#readWhileRequested()
  }

  async #readWhileRequested(): Promise<void> {
    this.#reading = true
    while (this.#readRequested && !this.#closed) {
      this.#readRequested = false
      try {
        await this.#readToEnd()
      } catch (error) {
        this.#warn(error, 'the change log could not be read; it is read again')
        await sleep(retryMs, undefined, { ref: false })
        this.#readRequested = this.#listeners.size > 0
      }
    }
    this.#reading = false
  }

  async #readToEnd(): Promise<void> {
    const position = this.#position
    if (!position) return
    await position.opened
    for (let hasMore = true; hasMore && position === this.#position; ) {
      const slice = await this.#changeLog.read(position.seq ?? 0, pageSize)
      if (position !== this.#position) return
      position.seq = slice.lastSeq
      hasMore = slice.hasMore
      this.#dispatcher.dispatch(slice.changes)
    }
  }

  #deliver(entries: readonly ChangeLogEntry[]): void {
    for (const entry of entries) for (const listener of this.#listeners) this.#notify(listener, entry)
  }

  /** A listener that throws must not fail the commit that it hears of, nor the other listeners. */
  #notify(listener: ChangeLogListener, entry: ChangeLogEntry): void {
    try {
      listener(entry)
    } catch (error) {
      this.#warn(error, 'a listener of the change log threw an error; the others got the change')
    }
  }

  #warn(error: unknown, message: string): void {
    this.#logger.warn(toLogFields(error), message)
  }
}

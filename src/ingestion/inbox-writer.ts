import { DeskgraphError } from '../domain/errors.ts'
import type { EventStore } from './event-store.ts'
import type { ReceivedEvent } from './received-event.ts'

/** A received event that is committed. */
export interface StoredEvent {
  readonly received: ReceivedEvent
  /** Its id in the inbox; null for a dead letter. */
  readonly id: number | null
}

interface WaitingRequest {
  readonly events: readonly ReceivedEvent[]
  readonly bytes: number
  readonly resolve: (stored: readonly StoredEvent[]) => void
  readonly reject: (error: unknown) => void
}

const maxWaitingBytes = 64 * 1024 * 1024
const maxRequestsPerCommit = 100
const maxBytesPerCommit = 4 * 1024 * 1024
/** What one event costs besides its own bytes. */
const overheadBytes = 512

/**
 * Stores received events by group commit: requests that arrive while a commit runs share the next one. A single request is committed
 * at once. Without it a burst of webhooks would cost one commit each (WEBHOOK-15).
 */
export class InboxWriter {
  readonly #store: Pick<EventStore, 'insert'>
  readonly #queue: WaitingRequest[] = []
  #waitingBytes = 0
  #committing = false

  constructor(store: Pick<EventStore, 'insert'>) {
    this.#store = store
  }

  /** Throws RATE_LIMITED when too many bytes wait for a commit. Call it before the request is decoded. */
  checkCapacity(bytes: number): void {
    if (this.#waitingBytes + bytes <= maxWaitingBytes) return
    throw new DeskgraphError(
      'RATE_LIMITED',
      'Too many events are waiting to be stored. Send this request again after one second.',
      {
        retryAfter: 1,
      },
    )
  }

  /** Resolves after the commit, in the same order. Rejects with STORAGE_UNAVAILABLE when nothing of the request was stored. */
  write(events: readonly ReceivedEvent[]): Promise<readonly StoredEvent[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly StoredEvent[]>()
    const bytes = events.reduce((sum, event) => sum + rawOf(event).length + overheadBytes, 0)
    this.#queue.push({ events, bytes, resolve, reject })
    this.#waitingBytes += bytes
    void this.#commitAll()
    return promise
  }

  async #commitAll(): Promise<void> {
    if (this.#committing) return
    this.#committing = true
    while (this.#queue.length > 0) await this.#commit(this.#takeRequests())
    this.#committing = false
  }

  /** At least one request, however large it is. */
  #takeRequests(): readonly WaitingRequest[] {
    let bytes = 0
    let count = 0
    for (const request of this.#queue) {
      if (count > 0 && (count >= maxRequestsPerCommit || bytes + request.bytes > maxBytesPerCommit)) break
      bytes += request.bytes
      count += 1
    }
    this.#waitingBytes -= bytes
    return this.#queue.splice(0, count)
  }

  async #commit(requests: readonly WaitingRequest[]): Promise<void> {
    try {
      const all = requests.flatMap(({ events }) => events)
      const events = all.flatMap((received) => (received.kind === 'event' ? [received.event] : []))
      const deadLetters = all.flatMap((received) => (received.kind === 'deadLetter' ? [received.deadLetter] : []))
      const ids = (await this.#store.insert(events, deadLetters)).values()
      for (const request of requests) request.resolve(request.events.map((received) => toStoredEvent(received, ids)))
    } catch (error) {
      for (const { reject } of requests) reject(error)
    }
  }
}

function rawOf(received: ReceivedEvent): Buffer {
  return received.kind === 'event' ? received.event.raw : received.deadLetter.raw
}

function toStoredEvent(received: ReceivedEvent, ids: Iterator<number>): StoredEvent {
  return { received, id: received.kind === 'event' ? (ids.next().value ?? null) : null }
}

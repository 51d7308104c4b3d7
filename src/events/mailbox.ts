export interface MailboxOptions {
  readonly maxWaiting: number
  readonly signal: AbortSignal
  /** What a reader gets that let more wait. */
  readonly tooSlow: () => Error
}

/** A bounded queue for one reader. The writer never waits; a reader that is too slow gets an error after what it was given. */
export interface Mailbox<T> {
  put(item: T): void
  /** Everything that waits, in order, as soon as there is something; null at the end. Throws for a reader that was too slow. */
  take(): Promise<readonly T[] | null>
  /** The signal has ended the reader: what it has taken is no longer wanted either. */
  readonly aborted: boolean
  /** Ends the reader after what waits now; the signal does so at once. */
  close(): void
}

export function createMailbox<T>({ maxWaiting, signal, tooSlow }: MailboxOptions): Mailbox<T> {
  let waiting: T[] = []
  let fault: Error | null = null
  let closed = false
  let aborted = false
  let wake: (() => void) | null = null

  const stir = (): void => {
    wake?.()
    wake = null
  }
  const abort = (): void => {
    waiting = []
    closed = true
    aborted = true
    stir()
  }
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })

  return {
    put(item) {
      if (closed || fault) return
      if (waiting.length >= maxWaiting) fault = tooSlow()
      else waiting.push(item)
      stir()
    },
    async take() {
      for (;;) {
        if (waiting.length > 0) {
          const batch = waiting
          waiting = []
          return batch
        }
        if (fault) throw fault
        if (closed) return null
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    get aborted() {
      return aborted
    },
    close() {
      closed = true
      signal.removeEventListener('abort', abort)
      stir()
    },
  }
}

export interface MailboxOptions {
  readonly maxWaiting: number
  readonly signal: AbortSignal
  /** What a reader gets that let more wait. */
  readonly tooSlow: () => Error
}

/** A bounded queue for one reader. The writer never waits; a reader that is too slow gets an error after what it was given. */
export interface Mailbox<T> extends AsyncIterable<T> {
  put(item: T): void
  /** Ends the reader after what waits now; the signal does so at once. */
  close(): void
}

export function createMailbox<T>({ maxWaiting, signal, tooSlow }: MailboxOptions): Mailbox<T> {
  let waiting: T[] = []
  let fault: Error | null = null
  let closed = false
  let wake: (() => void) | null = null

  const stir = (): void => {
    wake?.()
    wake = null
  }
  const abort = (): void => {
    waiting = []
    closed = true
    stir()
  }
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })

  async function* read(): AsyncGenerator<T> {
    for (;;) {
      const batch = waiting
      waiting = []
      for (const item of batch) {
        if (signal.aborted) return
        yield item
      }
      if (waiting.length > 0) continue
      if (fault) throw fault
      if (closed) return
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  return {
    put(item) {
      if (closed || fault) return
      if (waiting.length >= maxWaiting) fault = tooSlow()
      else waiting.push(item)
      stir()
    },
    close() {
      closed = true
      signal.removeEventListener('abort', abort)
      stir()
    },
    [Symbol.asyncIterator]: read,
  }
}

/** An operation as graphql-ws and graphql-sse send it. */
export interface LiveOperation {
  readonly query?: string | null | undefined
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

/** What a subscriber gives: it is told each result, and then once how the subscription ended. */
export interface LiveSink<Result = unknown> {
  next(result: Result): void
  error(reason: unknown): void
  complete(): void
}

/**
 * The user's present token; undefined: not signed in. It is asked for before every connection. `renew` is true after the gateway has
 * refused or ended the last one: then get a new one, and do not answer from a cache. When it throws, it is asked again later.
 */
export type GetToken = (request: { readonly renew: boolean }) => string | undefined | Promise<string | undefined>

/** `waiting`: the connection is lost and the next attempt has not begun. */
export type LiveStatus = 'connecting' | 'connected' | 'waiting'

/** What happens after a connection or a subscription has failed: `end` tells the subscriber, `again` subscribes again. */
export type Verdict = { readonly kind: 'end' } | { readonly kind: 'again'; readonly afterMs?: number | undefined }

/** The transport of one subscription. */
export interface Transport {
  subscribe(operation: Sent, sink: LiveSink<Answer>): () => void
  /** Judges how a subscription ended. undefined: it was completed by the gateway. */
  judge(reason: unknown): Verdict
  /** True when the failure was the refusal of a token, so that nothing was executed. */
  isRefusal(reason: unknown): boolean
}
export interface Sent extends LiveOperation {
  readonly query: string
  readonly variables: Record<string, unknown>
}
export interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly GatewayError[]
}
export interface GatewayError {
  readonly message: string
  readonly extensions?: { readonly [name: string]: unknown }
}

export interface ResumeOptions {
  /** The longest time between two attempts, in milliseconds: 8,000 when absent. The first one follows at once, then the time doubles. */
  readonly maxWaitMs?: number | undefined
  /** Told when a connection begins, stands and is lost. */
  readonly onStatus?: ((status: LiveStatus) => void) | undefined
}

/** A subscription that lasted this long was healthy: the next interruption is the first one again. */
const healthyMs = 10_000

/**
 * Makes a transport outlive cut connections and expired tokens. The cursor of the last change goes into the variable `after` of the next
 * attempt, so that the gateway sends each change since then once, in order. Before the first change, the cursor is the one that the graph
 * had when the subscription began.
 *
 * A query or a mutation is sent once: what became of it after a lost connection is not known here.
 */
export function createResumingSubscribe(open: () => Transport, options: ResumeOptions) {
  return (operation: LiveOperation, sink: LiveSink<never>): (() => void) => {
    const subscription = new ResumingSubscription(open(), operation, sink as LiveSink<Answer>, options)
    subscription.begin()
    return () => subscription.stop()
  }
}

class ResumingSubscription {
  private readonly variables: Record<string, unknown>
  private isLive: boolean
  private ended = false
  private failures = 0
  /** Ends what the present attempt has begun. */
  private readonly stops: { attempt?: () => void; cursor?: () => void; pause?: () => void } = {}

  constructor(
    private readonly transport: Transport,
    private readonly operation: LiveOperation,
    private readonly subscriber: LiveSink<Answer>,
    private readonly options: ResumeOptions,
  ) {
    this.variables = { ...operation.variables }
    this.isLive = /\bticketChanged\b/.test(operation.query ?? '')
  }

  begin(): void {
    if (this.isLive && !/\$after\b/.test(this.operation.query ?? ''))
      this.end(() => this.subscriber.error(new Error(cannotResume)))
    else this.attempt()
  }

  stop(): void {
    this.ended = true
    for (const stop of Object.values(this.stops)) stop()
  }

  private attempt(): void {
    if (this.ended) return
    const startedAt = Date.now()
    const { transport, variables, operation } = this
    let failure: readonly GatewayError[] | undefined
    if (this.isLive && typeof variables.after !== 'string') this.stops.cursor = readCursor(transport, variables)
    const sent = { ...operation, query: operation.query ?? '', variables: { ...variables } }
    this.stops.attempt = transport.subscribe(sent, {
      next: (result) => {
        failure = this.isLive && !result.data && result.errors?.length ? result.errors : undefined
        // An event stream carries an error as a result, and completes.
        if (!failure || transport.judge(failure).kind === 'end') this.pass(result)
      },
      error: (reason) => this.recover(reason, startedAt),
      complete: () => {
        if (failure && transport.judge(failure).kind === 'end') this.end(() => this.subscriber.complete())
        else this.recover(failure, startedAt)
      },
    })
  }

  private pass(result: Answer): void {
    if (this.ended) return
    const cursor = findCursor(result)
    if (cursor !== undefined) {
      this.variables.after = cursor
      this.isLive = true
      this.failures = 0
    }
    this.subscriber.next(result)
  }

  /** After an attempt has ended. `reason` undefined: the gateway has completed it. */
  private recover(reason: unknown, startedAt: number): void {
    if (this.ended) return
    const { transport, subscriber, options } = this
    const verdict: Verdict = this.isLive || transport.isRefusal(reason) ? transport.judge(reason) : { kind: 'end' }
    if (verdict.kind === 'end') {
      this.end(() => (reason === undefined ? subscriber.complete() : subscriber.error(reason)))
      return
    }
    if (Date.now() - startedAt > healthyMs) this.failures = 0
    options.onStatus?.('waiting')
    const { promise, cancel } = pause(verdict.afterMs ?? waitMs(this.failures, options.maxWaitMs ?? 8_000))
    this.stops.pause = cancel
    this.failures += 1
    void promise.then(() => this.attempt())
  }

  private end(tell: () => void): void {
    if (this.ended) return
    this.ended = true
    tell()
  }
}

const cannotResume =
  'The subscription cannot resume: it has to declare `$after: String` and to pass it on, as in `ticketChanged(after: $after) { cursor … }`.'

/** Reads where the graph is now, unless a change tells it first. Without it, changes before the first one could be lost in a cut. */
function readCursor(transport: Transport, variables: Record<string, unknown>): () => void {
  return transport.subscribe(
    { query: 'query ChangeCursor { changeCursor }', operationName: 'ChangeCursor', variables: {} },
    {
      next({ data }) {
        if (typeof variables.after !== 'string' && typeof data?.changeCursor === 'string') variables.after = data.changeCursor
      },
      error: () => undefined,
      complete: () => undefined,
    },
  )
}

/** The cursor of a change, under any alias of `ticketChanged`. */
function findCursor({ data }: Answer): string | undefined {
  for (const value of Object.values(data ?? {})) {
    if (typeof value === 'object' && value !== null && 'cursor' in value && typeof value.cursor === 'string') return value.cursor
  }
  return undefined
}

/** Whether an error of the gateway may pass, and when. All of several have to. */
export function judgeErrors(errors: readonly GatewayError[]): Verdict {
  if (!errors.every(({ extensions }) => extensions?.retryable === true)) return { kind: 'end' }
  const seconds = errors.map(({ extensions }) => extensions?.retryAfter).filter((value) => typeof value === 'number')
  return { kind: 'again', afterMs: seconds.length > 0 ? Math.max(...seconds) * 1000 : undefined }
}

export function isErrors(reason: unknown): reason is readonly GatewayError[] {
  return Array.isArray(reason)
}

/** A quarter of a second, doubled with each failure, of which up to a half is left to chance: many clients do not come back at once. */
function waitMs(failures: number, maxWaitMs: number): number {
  const wait = Math.min(maxWaitMs, 250 * 2 ** failures)
  return wait * (0.5 + Math.random() / 2)
}

/** What a browser has, and Node.js has not. */
interface BrowserEvents {
  addEventListener?(name: 'online', listener: () => void): void
  removeEventListener?(name: 'online', listener: () => void): void
}

/** Ends early when the browser says that the network is back. */
function pause(ms: number): { readonly promise: Promise<void>; cancel(): void } {
  let cancel = (): void => undefined
  const promise = new Promise<void>((resolve) => {
    const events = globalThis as BrowserEvents
    const done = (): void => {
      cancel()
      resolve()
    }
    const timer = setTimeout(done, ms)
    events.addEventListener?.('online', done)
    cancel = () => {
      clearTimeout(timer)
      events.removeEventListener?.('online', done)
    }
  })
  return { promise, cancel: () => cancel() }
}

/** The results as an async iterator, as the `iterate` of both clients gives them. Leaving the loop ends the subscription. */
export async function* iterateOver<Result>(subscribe: (sink: LiveSink<Result>) => () => void): AsyncIterableIterator<Result> {
  const results: Result[] = []
  let outcome: { readonly error?: unknown } | undefined
  let wake = (): void => undefined
  const stop = subscribe({
    next: (result) => {
      results.push(result)
      wake()
    },
    error: (error) => {
      outcome = { error }
      wake()
    },
    complete: () => {
      outcome = {}
      wake()
    },
  })
  try {
    while (true) {
      const result = results.shift()
      if (result !== undefined) yield result
      else if (outcome && 'error' in outcome) throw outcome.error
      else if (outcome) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    stop()
  }
}

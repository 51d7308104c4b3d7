import type { CallPriority } from '../../domain/call.ts'
import type { Clock } from '../../domain/clock.ts'
import { type CallEnd, CallWindow, type CountedCalls, type Place } from './call-window.ts'
import type { CallLimit } from './limits.ts'

/** A limit that counts a call, and for which ticket. null: for the account. */
export interface CountedLimit {
  readonly limit: CallLimit
  readonly subject: string | null
  /** What the call takes of it. */
  readonly cost: number
  /** The calls that wait before this one, by their cost. */
  readonly ahead: number
}

export interface Ask {
  readonly limits: readonly CountedLimit[]
  readonly priority: CallPriority
}

/** A place in each limit, or how long to wait before asking again, in milliseconds. */
export type Taken = { readonly receipt: Receipt } | { readonly waitMs: number; readonly heldBy: CallLimit }

/** The places of a call, in the order of its limits. */
export interface Receipt {
  readonly places: readonly Place[]
  /** Of a store that all replicas share: the places in Redis. Absent: the call was counted by this process alone. */
  readonly shared?: readonly Place[]
}

/** By limit, in the order of the ask. */
export type EndOfLimit = Pick<CallEnd, 'reading' | 'closedForMs'>

export interface LimitState {
  readonly limit: CallLimit
  readonly calls: number
  /** How many calls people may make now. */
  readonly left: number
}

/** Counts the calls of one source. */
export interface BudgetStore {
  /** Takes a place in every limit, or in none of them. */
  take(ask: Ask): Promise<Taken>
  /** Ends a call that the vendor has received so often. Never rejects. */
  end(ask: Ask, receipt: Receipt, sent: number, ends: readonly EndOfLimit[]): Promise<void>
  /** The limits of the account. Never rejects. */
  state(): Promise<readonly LimitState[]>
}

/** Above so many tickets with limits of their own, those without recent calls are forgotten. */
const maxSubjects = 1_000

export interface MemoryStoreOptions {
  readonly limits: readonly CallLimit[]
  readonly keepForUsers: number
  /** The part of each limit that this process may use. */
  readonly share: () => number
  readonly clock: Clock
}

/** Counts the calls of this process. */
export interface MemoryStore extends BudgetStore {
  /** Takes a place in every limit, also where none is left: another store has allowed the call. */
  note(ask: Ask): readonly Place[]
  /** The calls that still count. */
  counted(): readonly (Pick<CountedLimit, 'limit' | 'subject'> & { readonly counted: readonly CountedCalls[] })[]
  /** At most so many more calls of a limit of the account until then. */
  allowAtMost(limit: CallLimit, left: number, until: number): void
}

export function createMemoryStore({ limits, keepForUsers, share, clock }: MemoryStoreOptions): MemoryStore {
  const windows = new Map<string, { readonly limit: CallLimit; readonly subject: string | null; readonly window: CallWindow }>()

  function windowOf({ limit, subject }: Pick<CountedLimit, 'limit' | 'subject'>): CallWindow {
    const key = `${limit.name}\n${subject ?? ''}`
    const known = windows.get(key)
    if (known) return known.window
    if (windows.size > maxSubjects) forgetIdle()
    const window = new CallWindow(limit, keepForUsers)
    windows.set(key, { limit, subject, window })
    return window
  }

  function forgetIdle(): void {
    for (const [key, { subject, window }] of windows) if (subject !== null && window.isIdle(clock())) windows.delete(key)
  }

  function note({ limits: counted, priority }: Ask): readonly Place[] {
    const now = clock()
    return counted.map((limit) => windowOf(limit).take({ cost: limit.cost, priority }, now))
  }

  return {
    async take(ask) {
      const { limits: counted, priority } = ask
      const now = clock()
      const asks = counted.map(({ cost, ahead }) => ({ cost, priority, ahead, share: share() }))
      const asked = counted.map(windowOf)
      const waits = asked.map((window, index) => window.waitMs(asks[index]!, now))
      const waitMs = Math.max(0, ...waits)
      if (waitMs > 0) return { waitMs, heldBy: counted[waits.indexOf(waitMs)]!.limit }
      return { receipt: { places: note(ask) } }
    },
    async end({ limits: counted, priority }, { places }, sent, ends) {
      const now = clock()
      counted.forEach((limit, index) => {
        const { reading, closedForMs } = ends[index]!
        windowOf(limit).end(places[index]!, { cost: limit.cost, priority, sent, reading, closedForMs }, now)
      })
    },
    note,
    counted() {
      const now = clock()
      return [...windows.values()].map(({ window, ...rest }) => ({ ...rest, counted: window.counted(now) }))
    },
    allowAtMost: (limit, left, until) => windowOf({ limit, subject: null }).allowAtMost(left, until),
    async state() {
      const now = clock()
      return limits
        .filter(({ perSubject }) => !perSubject)
        .map((limit) => ({ limit, ...windowOf({ limit, subject: null }).state(share(), now) }))
    },
  }
}

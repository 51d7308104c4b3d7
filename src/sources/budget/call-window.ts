import { type CallPriority, callPriorities } from '../../domain/call.ts'
import type { CallLimit } from './limits.ts'

// One limit as a sliding window. The same rules are in `redis-script.ts`, for all replicas together: a change belongs in both, and
// test/sources/budget/shared-store.test.ts compares them.

/** A call that wants a place in the window. */
export interface WindowAsk {
  readonly cost: number
  readonly priority: CallPriority
  /** The calls that wait before it, by their cost. */
  readonly ahead: number
  /** The part of the limit that this process may use, above 0 and at most 1. */
  readonly share: number
}

/** What the vendor's answer says of one limit. */
export interface LimitReading {
  /** The limit's name. A name that the source's plan does not have is ignored. */
  readonly limit: string
  /** How many calls a window has. */
  readonly total?: number
  /** How many of them are left. 0 in a 429: this limit refused the call. */
  readonly remaining?: number
  /** When the vendor's window ends, from now. */
  readonly resetsInMs?: number
}

/** A taken place, for `end`. */
export interface Place {
  readonly slot: number
  readonly order: number
}

/** Calls of one slot. */
export interface CountedCalls {
  readonly slot: number
  readonly priority: CallPriority
  readonly calls: number
}

/** How a call ended. */
export interface CallEnd {
  readonly cost: number
  readonly priority: CallPriority
  /** How often the vendor has received it: not at all, so that it costs nothing, or once more after its credentials were renewed. */
  readonly sent: number
  readonly reading?: LimitReading | undefined
  /** The vendor refused the call because of this limit, and takes none for so long. null: it did not. */
  readonly closedForMs: number | null
}

const slotsPerWindow = 60
export function slotMsOf({ windowMs }: CallLimit): number {
  return Math.ceil(windowMs / slotsPerWindow)
}

/** The part of the limit that polling and exports leave to people: nothing of a limit that only exports use. */
export function keptForUsers({ kinds }: CallLimit, keepForUsers: number): number {
  return kinds !== undefined && kinds.length > 0 && kinds.every((kind) => kind === 'export') ? 0 : keepForUsers
}

/** Polling and exports leave so much more than people used lately. */
const margin = 1.1
/** The last quarter of a window stands for so many quarters: four would take chance for a trend. */
const recentFactor = 3
/** What polling may use, however much people do: changes would stop to arrive else. */
const pollingFloor = 0.05
/** What polling may keep free of exports. */
const pollingShare = 0.2
const maxRecheckMs = 5_000
/** How much the end of one window of the vendor may seem to differ. */
const roundingMs = 1_500

/** The calls of one slot by priority. */
type Slot = Record<CallPriority, number>

/** A use that fades: half of it is forgotten after two windows. */
interface Peak {
  readonly value: number
  readonly at: number
}

/**
 * Counts calls in slots of a sixtieth of the window. A slot counts until its youngest possible call is older than the window. A call
 * counts from its start, and once it has ended, from its end: the vendor has received it in between. So no window of the vendor has more.
 */
export class CallWindow {
  readonly #limit: CallLimit
  readonly #keepForUsers: number
  readonly #slotMs: number
  readonly #slots = new Map<number, Slot>()
  /** All calls so far. */
  #order = 0
  #learned: number | undefined
  #closedUntil = 0
  /** By the vendor's answers: up to which call its present window goes, and when the window ends. */
  #cap = { order: Number.POSITIVE_INFINITY, until: 0 }
  #peaks: Readonly<Record<'user' | 'polling', Peak>> = { user: { value: 0, at: 0 }, polling: { value: 0, at: 0 } }
  /** The last call that a call of this priority keeps its distance from: polling from polling, an export from both. */
  readonly #lastAt = { polling: Number.NEGATIVE_INFINITY, export: Number.NEGATIVE_INFINITY }

  constructor(limit: CallLimit, keepForUsers: number) {
    this.#limit = limit
    this.#keepForUsers = keptForUsers(limit, keepForUsers)
    this.#slotMs = slotMsOf(limit)
  }

  /** How long the call has to wait as things are, in milliseconds. 0: it may be made now. */
  waitMs({ cost, priority, ahead, share }: WindowAsk, now: number): number {
    const calls = this.#calls(share)
    const used = this.#used(now)
    const need = Math.min(cost, calls)
    const waits = [this.#closedUntil - now, this.#waitForRoom(used.user + used.polling + used.export + ahead + need - calls, now)]
    if (this.#cap.until > now && this.#order + ahead + need > this.#cap.order) waits.push(this.#cap.until - now)
    if (priority !== 'user') waits.push(this.#waitBehindUsers(need, priority, calls, used, now))
    return Math.max(0, ...waits)
  }

  /** Takes a place. `waitMs` has to be 0. */
  take({ cost, priority }: Pick<WindowAsk, 'cost' | 'priority'>, now: number): Place {
    const slot = Math.floor(now / this.#slotMs)
    this.#add(slot, priority, cost)
    this.#order += cost
    if (priority !== 'user') this.#lastAt.export = now
    if (priority === 'polling') this.#lastAt.polling = now
    if (priority !== 'export') {
      const value = Math.max(this.#peakOf(priority, now), this.#used(now)[priority])
      this.#peaks = { ...this.#peaks, [priority]: { value, at: now } }
    }
    return { slot, order: this.#order }
  }

  /** Ends a call: counts it at its end, or not at all, and takes over what the vendor says. */
  end({ slot, order }: Place, { cost, priority, sent, reading, closedForMs }: CallEnd, now: number): void {
    const counted = this.#slots.get(slot)
    if (counted) counted[priority] = Math.max(0, counted[priority] - cost)
    if (sent > 0) this.#add(Math.floor(now / this.#slotMs), priority, cost * sent)
    if (closedForMs !== null) this.#closedUntil = Math.max(this.#closedUntil, now + closedForMs)
    if (!reading) return
    if (reading.total !== undefined && reading.total > 0) this.#learned = reading.total
    if (reading.remaining === undefined) return
    const until = now + (reading.resetsInMs ?? this.#limit.windowMs)
    const cap = order + reading.remaining
    // Answers of one window may overtake each other, and they tell its end in whole seconds.
    const isSameWindow = reading.resetsInMs !== undefined && this.#cap.until > now && until <= this.#cap.until + roundingMs
    this.#cap = isSameWindow
      ? { order: Math.min(this.#cap.order, cap), until: Math.min(this.#cap.until, until) }
      : { order: cap, until }
  }

  /** How many calls the window has, and how many are left for people. */
  state(share: number, now: number): { readonly calls: number; readonly left: number } {
    const calls = this.#calls(share)
    const used = this.#used(now)
    const left = this.#closedUntil > now ? 0 : calls - used.user - used.polling - used.export
    const leftByVendor = this.#cap.until > now ? this.#cap.order - this.#order : left
    return { calls, left: Math.max(0, Math.min(left, leftByVendor)) }
  }

  /** At most so many more calls until then: what this process may use of calls that others have counted. */
  allowAtMost(left: number, until: number): void {
    this.#cap = { order: this.#order + left, until }
  }

  /** The calls that still count, by slot and priority. */
  counted(now: number): readonly CountedCalls[] {
    this.#used(now)
    return [...this.#slots].flatMap(([slot, counted]) =>
      callPriorities.flatMap((priority) => (counted[priority] > 0 ? [{ slot, priority, calls: counted[priority] }] : [])),
    )
  }

  /** True when forgetting the window changes no decision. */
  isIdle(now: number): boolean {
    const { user, polling, export: exported } = this.#used(now)
    return user + polling + exported === 0 && this.#closedUntil <= now && this.#cap.until <= now
  }

  #calls(share: number): number {
    const { calls, isOwn } = this.#limit
    const known = this.#learned === undefined ? calls : isOwn ? Math.min(calls, this.#learned) : this.#learned
    return Math.max(1, Math.floor(known * share))
  }

  #add(slot: number, priority: CallPriority, cost: number): void {
    const counted = this.#slots.get(slot) ?? { user: 0, polling: 0, export: 0 }
    counted[priority] += cost
    this.#slots.set(slot, counted)
  }

  #used(now: number): Slot {
    const used = { user: 0, polling: 0, export: 0 }
    for (const [slot, counted] of this.#slots) {
      if (this.#endOf(slot) <= now) this.#slots.delete(slot)
      else for (const priority of callPriorities) used[priority] += counted[priority]
    }
    return used
  }

  /** When the calls of a slot no longer count. */
  #endOf(slot: number): number {
    return (slot + 1) * this.#slotMs + this.#limit.windowMs
  }

  /** How long until so many calls no longer count; 0 for none. */
  #waitForRoom(excess: number, now: number, counts: readonly CallPriority[] = callPriorities): number {
    if (excess <= 0) return 0
    let freed = 0
    let end = now + this.#slotMs
    for (const slot of [...this.#slots.keys()].sort((a, b) => a - b)) {
      const counted = this.#slots.get(slot)!
      for (const priority of counts) freed += counted[priority]
      end = this.#endOf(slot)
      if (freed >= excess) return end - now
    }
    // More wait than a window takes.
    return end - now + this.#limit.windowMs
  }

  /** Polling and exports leave room for people, polling also when there is little, and spread their calls over the window. */
  #waitBehindUsers(need: number, priority: 'polling' | 'export', calls: number, used: Slot, now: number): number {
    const { windowMs } = this.#limit
    const expected = Math.max(this.#peakOf('user', now), this.#expectedOfUsers(used.user, now)) * margin
    const forUsers = this.#keepForUsers === 0 ? 0 : Math.max(calls * this.#keepForUsers, expected)
    const forPolling = Math.max(0, Math.min(this.#peakOf('polling', now), calls * pollingShare) - used.polling)
    const left = Math.floor(calls - forUsers)
    const room = priority === 'polling' ? Math.max(left, Math.ceil(calls * pollingFloor)) : Math.floor(left - forPolling)
    const recheckMs = Math.min(windowMs / 10, maxRecheckMs)
    if (room < need) return recheckMs
    const excess = used.polling + used.export + need - room
    const waits = [this.#waitForRoom(excess, now, ['polling', 'export']), this.#lastAt[priority] + windowMs / room - now]
    if (this.#cap.until > now) {
      const forRest = (forUsers * (this.#cap.until - now)) / windowMs
      if (this.#cap.order - this.#order - need < forRest) waits.push(recheckMs)
    }
    return Math.max(0, ...waits)
  }

  /** How many calls people will make in a window, if they go on as they began, or as they did in the last quarter of it. */
  #expectedOfUsers(used: number, now: number): number {
    const { windowMs } = this.#limit
    const quarterMs = windowMs / 4
    let since = now
    let recent = 0
    for (const [slot, { user }] of this.#slots) {
      if (user === 0) continue
      const start = slot * this.#slotMs
      since = Math.min(since, start)
      if (start > now - quarterMs) recent += user
    }
    const passedMs = Math.min(windowMs, Math.max(quarterMs, now - since))
    return Math.max((used * windowMs) / passedMs, recent * recentFactor)
  }

  #peakOf(priority: 'user' | 'polling', now: number): number {
    const { value, at } = this.#peaks[priority]
    return value * 0.5 ** (Math.max(0, now - at) / (2 * this.#limit.windowMs))
  }
}

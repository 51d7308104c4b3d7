/** How many repeats the calls may have together, so that a source that fails everywhere is not hit twice as hard. */
export interface RetryBudget {
  /** A call begins. */
  enter(): void
  /** It is over. */
  leave(): void
  /** Takes one repeat, if there is one left. */
  take(): boolean
}

/** A source that was quiet has this many repeats in hand: a single failure is not fatal. */
const reserve = 3
const mostSaved = 13

/**
 * At most one repeat for each five calls. In a burst it is a fifth of the burst's calls, but one in any case; over time it is
 * what the calls have paid in, with a small reserve.
 */
export function createRetryBudget(share = 0.2): RetryBudget {
  let active = 0
  let saved = reserve
  // Since the last moment without any call under way.
  let calls = 0
  let repeats = 0
  return {
    enter() {
      if (active === 0) {
        calls = 0
        repeats = 0
      }
      active += 1
      calls += 1
      saved = Math.min(mostSaved, saved + share)
    },
    leave() {
      active -= 1
    },
    take() {
      if (saved < 1 || repeats >= Math.max(1, Math.floor(calls * share))) return false
      saved -= 1
      repeats += 1
      return true
    },
  }
}

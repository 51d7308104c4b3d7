/** How many repeats the calls under way may have together. A source that fails everywhere is not hit twice as hard. */
export interface RetryBudget {
  /** A call begins; call the answer when it ends. */
  enter(): void
  leave(): void
  /** Takes one repeat, if there is one left; `giveBack` when that repeat is over. */
  take(): boolean
  giveBack(): void
}

/** A quiet source has this many repeats in hand, so that a single failure is not fatal. */
const reserve = 3

/**
 * At most one repeat for each five calls: at any moment by the calls under way (never less than one), and over time by
 * what the calls have paid in.
 */
export function createRetryBudget(share = 0.2): RetryBudget {
  let active = 0
  let repeating = 0
  let saved = reserve
  return {
    enter() {
      active += 1
      saved = Math.min(reserve + 10, saved + share)
    },
    leave() {
      active -= 1
    },
    take() {
      if (saved < 1 || repeating >= Math.max(1, Math.floor(active * share))) return false
      saved -= 1
      repeating += 1
      return true
    },
    giveBack() {
      repeating -= 1
    },
  }
}

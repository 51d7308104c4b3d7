/** Which sizes of a page a vendor gives, as configured and as its answers have shown. One per source. */
export interface PageSizes {
  /** The largest that may be asked for. */
  max(): number
  /** The only one that it gives, whatever is asked for; null while it gives what is asked. */
  fixed(): number | null
  /** The vendor was asked for pages of one size and gave another. */
  learn(asked: number, given: number): void
}

/**
 * Begins with what the configuration says. A vendor may give smaller pages than it was asked for, because it caps them, or
 * larger ones, because it does not read the parameter: its own word in the answer decides.
 */
export function createPageSizes(configured: number): PageSizes {
  let max = configured
  let fixed: number | null = null
  return {
    max: () => max,
    fixed: () => fixed,
    learn(asked, given) {
      if (given < asked) max = Math.min(max, given)
      else if (given > asked) fixed = given
    },
  }
}

/** A time between two moments of `clockUs`. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Microseconds by the machine's own clock, which every process shares and V8 writes into its profiles. */
export function clockUs(): number {
  return Number(process.hrtime.bigint() / 1_000n)
}

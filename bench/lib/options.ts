/** How long and how often, for the full run and for the short one that CI makes. */
export interface Options {
  readonly short: boolean
  readonly rounds: number
  readonly warmSeconds: number
  readonly seconds: number
  /** Contenders left out. */
  readonly without: readonly string[]
  readonly latencySeconds: number
}

export function readOptions(args: readonly string[]): Options {
  const short = args.includes('--short')
  const without =
    args
      .find((arg) => arg.startsWith('--without='))
      ?.slice('--without='.length)
      .split(',') ?? []
  return short
    ? { short, rounds: 3, warmSeconds: 2, seconds: 2, without, latencySeconds: 4 }
    : { short, rounds: 3, warmSeconds: 3, seconds: 4, without, latencySeconds: 8 }
}

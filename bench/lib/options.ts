/** What can be measured by itself, beside the workloads. */
const otherParts = ['latency', 'W5', 'W6', 'start', 'size', 'memory'] as const
const parts = ['W1', 'W2', 'W3', 'W4', ...otherParts] as const
export type Part = (typeof parts)[number]

/** What is measured, how long and how often: for the full run, for the short one that CI makes, and for work on one part. */
export interface Options {
  readonly short: boolean
  /** Some parts only: nothing is written then. */
  readonly partial: boolean
  wants(part: Part): boolean
  readonly rounds: number
  /** Before a server's first round with a workload: until V8 has compiled what it runs through. */
  readonly warmSeconds: number
  /** Before each further round: until the caches know it again. */
  readonly rewarmSeconds: number
  readonly seconds: number
  /** Contenders left out. */
  readonly without: readonly string[]
  readonly latencySeconds: number
  readonly memorySeconds: number
}

/** Throws for a part that there is not. */
export function readOptions(args: readonly string[]): Options {
  const short = args.includes('--short')
  const only = listOf(args, 'only')
  const unknown = only?.find((part) => !(parts as readonly string[]).includes(part))
  if (unknown !== undefined) throw new Error(`There is no part ${unknown}: ${parts.join(', ')}.`)
  const common = {
    short,
    partial: only !== null,
    wants: (part: Part) => only?.includes(part) ?? !(short && (otherParts as readonly string[]).includes(part)),
    without: listOf(args, 'without') ?? [],
    memorySeconds: 45,
  }
  return short
    ? { ...common, rounds: 3, warmSeconds: 4, rewarmSeconds: 1, seconds: 2, latencySeconds: 4 }
    : // Many short rounds: what the machine does beside for ten seconds then spoils one ratio of eight, not one of three.
      { ...common, rounds: 8, warmSeconds: 4, rewarmSeconds: 0.4, seconds: 1, latencySeconds: 5 }
}

function listOf(args: readonly string[], name: string): string[] | null {
  const given = args.find((arg) => arg.startsWith(`--${name}=`))
  return given === undefined ? null : given.slice(name.length + 3).split(',')
}

import * as z from 'zod'

// The limits that a vendor puts on calls: by kind of call, for the account as a whole, and for one ticket. Each plan of a vendor has its own.

/** `list`: a page of tickets. `read`: one record. `search`: the vendor's search. `export`: its export of everything. */
export const callKinds = ['list', 'read', 'search', 'export', 'write'] as const
export type CallKind = (typeof callKinds)[number]

/** So many calls in any window of this length. */
export interface CallLimit {
  /** Unique among the limits of a source: a kind of call, `all`, or the vendor's own name. The configuration and the metrics name it so. */
  readonly name: string
  readonly calls: number
  readonly windowMs: number
  /** The kinds of calls that it counts. Absent: every call. Empty: only calls that name it (`CallCost.limits`). */
  readonly kinds?: readonly CallKind[]
  /** True: the operator chose the number. A larger one in the headers of the vendor does not raise it. */
  readonly isOwn?: true
  /** True: each ticket (`CallCost.subject`) has so many calls for itself. */
  readonly perSubject?: true
  /** True: a call counts once, also where it costs more. */
  readonly countsCalls?: true
}

/** The limits of a vendor by plan. */
export type BudgetPlans = Readonly<Record<string, readonly CallLimit[]>>

/** What one call takes of its source's budget. */
export interface CallCost {
  /** Absent: `list` for a read whose operation is named `list` or `count`, `read` for another read, `write` for a write. */
  readonly kind?: CallKind
  /** How many calls the vendor counts it as. Absent: 1. 0: the vendor does not count it. */
  readonly cost?: number
  /** The ticket whose own limits it counts against. Absent: none. */
  readonly subject?: string
  /** Limits that count this call beside those of its kind, by their names. */
  readonly limits?: readonly string[]
}

const minuteMs = 60_000

/** The shares of a budget beside the numbers of its limits. */
const shares = {
  keepForUsers: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.2)
    .describe(
      'The part of each limit that polling and exports leave to people, from 0 to 0.9. They leave more where people use more.',
    ),
  replicas: z
    .int()
    .min(1)
    .default(2)
    .describe(
      'How many gateways share the account. It counts while Redis does not answer and before it has told their number: each gateway then makes its share of the calls.',
    ),
}

/** The block `budget` of a source's configuration. */
export interface BudgetConfig {
  readonly plan?: string
  /** Own numbers by limit. */
  readonly calls?: Readonly<Partial<Record<string, number>>>
  readonly keepForUsers: number
  readonly replicas: number
}

/** The block `budget` of a vendor with plans. `fallback`: the plan of a source that names none. */
export function budgetConfig<const Plans extends BudgetPlans>(plans: Plans, fallback: keyof Plans & string) {
  const names = [...new Set(['all', ...callKinds, ...Object.values(plans).flatMap((limits) => limits.map(({ name }) => name))])]
  return z
    .strictObject({
      plan: z
        .enum(Object.keys(plans) as [keyof Plans & string, ...(keyof Plans & string)[]])
        .default(fallback as never)
        .describe('The plan of the account: it decides how many calls the vendor answers.'),
      calls: ownCalls(names),
      ...shares,
    })
    .prefault({})
    .describe('How many calls the gateway makes: the limits of the plan, or own numbers.')
}

/** The block `budget` of a system without plans: no limit but the operator's own numbers. */
export function ownBudgetConfig() {
  return z
    .strictObject({ calls: ownCalls(['all', ...callKinds]), ...shares })
    .optional()
    .describe('How many calls the gateway makes a minute. Absent: as many as it needs.')
}

function ownCalls(names: readonly string[]) {
  return z
    .partialRecord(z.enum(names as [string, ...string[]]), z.int().min(1))
    .optional()
    .describe(
      'Own numbers by limit, in place of those of the plan, for example to leave calls to other systems. `all` and a kind of call count a minute where the plan does not say otherwise.',
    )
}

/** The limits of a source: those of its plan with the operator's own numbers. Empty: it has no budget. */
export function toLimits({ plan, calls = {} }: BudgetConfig, plans: BudgetPlans): readonly CallLimit[] {
  const planned = plan === undefined ? [] : (plans[plan] ?? [])
  const known = new Set(planned.map(({ name }) => name))
  const isGeneral = (name: string): name is CallKind | 'all' => name === 'all' || callKinds.some((kind) => kind === name)
  const own = Object.entries(calls).flatMap(([name, number]): CallLimit[] => {
    if (number === undefined || known.has(name) || !isGeneral(name)) return []
    return [{ name, calls: number, windowMs: minuteMs, isOwn: true, ...(name !== 'all' && { kinds: [name] }) }]
  })
  const toOwn = (limit: CallLimit): CallLimit => {
    const number = calls[limit.name]
    return number === undefined ? limit : { ...limit, calls: number, isOwn: true }
  }
  return [...planned.map(toOwn), ...own]
}

/** What a call takes of this limit. */
export function costIn({ countsCalls }: CallLimit, { cost = 1 }: CallCost): number {
  return countsCalls ? 1 : cost
}

/** True when the limit counts this call. */
export function countsCall({ name, kinds, perSubject }: CallLimit, kind: CallKind, { subject, limits }: CallCost): boolean {
  if (perSubject && subject === undefined) return false
  return kinds === undefined || kinds.includes(kind) || limits?.includes(name) === true
}

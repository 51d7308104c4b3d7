import { randomUUID } from 'node:crypto'
import { type GatewayConfig, oauthOf, type SourceConfig, toIdentityMap } from '../../config/gateway-config.ts'
import { ConfigError, type Environment, readYaml } from '../../config/read-yaml.ts'
import { systemClock } from '../../domain/clock.ts'
import { DeskgraphError, type ErrorCode } from '../../domain/errors.ts'
import { anonymous } from '../../domain/permissions.ts'
import { noLogger, noMetrics } from '../../domain/telemetry.ts'
import type { UnitOfWork } from '../../domain/transaction.ts'
import type { Proxies } from '../../outbound/proxies.ts'
import type { Budget } from '../../sources/budget/budget.ts'
import { createBudgets } from '../../sources/budget/budgets.ts'
import type { BudgetConfig } from '../../sources/budget/limits.ts'
import type { SignIn } from '../../sources/credentials/oauth-sign-in.ts'
import { createSources } from '../../sources/registry.ts'
import type { TicketSource } from '../../sources/source.ts'
import type { BuiltSource } from '../../sources/source-plugin.ts'
import type { TicketStore } from '../../sources/stored-source.ts'
import { type Check, type Finding, ok, problem, warning } from './checks.ts'
import { type ConnectionObserver, findConnectionFault, findHostWarnings } from './connections.ts'

// The sources: each is built as the gateway builds it, and a pulled one is asked for one ticket as the gateway's own account.

/** A configured source; `built` rejects when its configuration cannot work. */
export interface CheckedSource {
  readonly key: string
  readonly config: SourceConfig
  readonly built: BuiltSource | null
  /** null: the calls to it are not limited. */
  readonly budget: Budget | null
}

/** Builds every source, without a database. One that cannot be built has `built` null. */
export async function buildSources(
  config: GatewayConfig,
  { environment, proxies, signIn }: { readonly environment: Environment; readonly proxies: Proxies; readonly signIn: SignIn },
): Promise<readonly CheckedSource[]> {
  const identity = toIdentityMap(config)
  const budgets = createBudgets({ metrics: noMetrics, logger: noLogger, clock: systemClock })
  const build = async (key: string, block: SourceConfig): Promise<BuiltSource | null> => {
    try {
      const deps = { tickets: noTickets, store: noStore, outbox: null, logger: noLogger, metrics: noMetrics, clock: systemClock }
      const readLinked: Parameters<typeof createSources>[1]['readYaml'] = (text, file, schema) =>
        readYaml({ text, file, schema, environment })
      const [built = null] = await createSources(
        { [key]: block },
        { ...deps, identity, readYaml: readLinked, proxies, budgets, signIn },
      )
      return built
    } catch (error) {
      if (error instanceof ConfigError || error instanceof DeskgraphError) return null
      throw error
    }
  }
  return Promise.all(
    Object.entries(config.sources).map(async ([key, block]) => {
      const built = await build(key, block)
      return { key, config: block, built, budget: budgets.find(key) }
    }),
  )
}

const refuse = () => Promise.reject(new Error('The checks read no stored tickets.'))
const noStore: UnitOfWork = { transaction: refuse }
const noTickets: TicketStore = {
  find: refuse,
  findActivity: refuse,
  list: refuse,
  count: refuse,
  toPosition() {
    throw new Error('The checks read no stored tickets.')
  },
}

/** Credentials, rights, certificate and clock of a source. */
export function createSourceCheck({ key, config, built, budget }: CheckedSource, observer: ConnectionObserver): Check {
  const run = async (signal: AbortSignal) => {
    if (built === null)
      return [problem('It cannot be built from its configuration.', 'Correct what the configuration check names.')]
    const { source } = built
    if (source.info.mode === 'EVENT_FED') return [ok('It sends its events to the gateway: there is nothing to call.')]
    const url = 'url' in config ? config.url : null
    const findings = await askAccount(source, signal, oauthOf(config) === null ? null : key)
    const warnings = url === null ? [] : findHostWarnings(observer.seen(url))
    const plan = 'budget' in config ? config.budget : undefined
    return [...findings, ...(budget && plan ? await describeBudget(budget, plan) : []), ...warnings]
  }
  return { name: `source ${key}`, run }
}

/** The plan with its limits, as the vendor's answer has corrected them. */
async function describeBudget(budget: Budget, { plan, calls }: BudgetConfig): Promise<readonly Finding[]> {
  const limits = await budget.state()
  const text = limits.map(({ limit, calls: now }) => `${limit.name} ${now} in ${limit.windowMs / 1000} s`).join(', ')
  const name = plan === undefined ? 'Its budget has own numbers' : `Its budget is the plan ${plan}`
  const pollSeconds = Math.ceil(budget.pollIntervalMs() / 1000)
  const found = ok(
    `${name}${plan !== undefined && calls ? ' with own numbers' : ''}: ${text}. It is polled at most every ${pollSeconds} s.`,
  )
  const other = limits.find(({ limit, calls: now }) => now !== limit.calls)
  if (!other) return [found]
  const difference = `It allows ${other.calls} calls of ${other.limit.name}, and the budget has ${other.limit.calls}.`
  return [found, warning(difference, 'Correct budget.plan or budget.calls of this source: its own number is used meanwhile.')]
}

/** `signInKey`: the key of a source that signs in by OAuth, with its stored access token. */
async function askAccount(source: TicketSource, signal: AbortSignal, signInKey: string | null): Promise<readonly Finding[]> {
  const call = { viewer: anonymous, requestId: randomUUID(), signal }
  const order = { field: 'UPDATED_AT', direction: 'DESC' } as const
  try {
    const limits = (await source.checkAccount?.()) ?? []
    await source.listTickets({ filter: {}, order, position: null, limit: 1, counted: false }, call)
    const answers = ok(`${source.info.label} answers, accepts the credentials and lists tickets.`)
    return [answers, ...limits.map(({ found, action }) => warning(found, action))]
  } catch (error) {
    const fault = findConnectionFault(error)
    if (fault) return [fault]
    if (!(error instanceof DeskgraphError)) throw error
    if (error.code === 'UPSTREAM_AUTH_FAILED' && signInKey !== null) return [toSignInFinding(error, signInKey)]
    const action = actions[error.code] ?? 'The log of the gateway says more: look for the key of the source.'
    return [error.code === 'UPSTREAM_NOT_SUPPORTED' ? warning(error.message, action) : problem(error.message, action)]
  }
}

/** This command renews no token: the gateway does, and shows whether the sign-in is over. */
function toSignInFinding({ message, cause }: DeskgraphError, key: string): Finding {
  if (cause === undefined) return warning(`It was not called. ${message}`, `The check "sign-in ${key}" says more.`)
  const action = `It was revoked. A running gateway renews it at its next call. If this stays, sign in again: deskgraph secrets set ${key}.`
  return problem('It refuses the stored access token (HTTP 401).', action)
}

const actions: Partial<Readonly<Record<ErrorCode, string>>> = {
  UPSTREAM_AUTH_FAILED: 'Renew the token of this source, put it into the configuration, and restart the gateway (HTTP 401).',
  FORBIDDEN: "Give the gateway's account the right to read tickets there (HTTP 403).",
  UPSTREAM_REJECTED: 'Check the url and the paths of this source in the configuration.',
  UPSTREAM_BAD_RESPONSE: 'Check the url of this source: another program, a proxy or a sign-in page may answer there.',
  UPSTREAM_TIMEOUT: 'Check that it runs, and the network and firewall between this machine and it.',
  UPSTREAM_UNAVAILABLE: 'Look at its own state and log.',
  UPSTREAM_RATE_LIMITED: 'Wait; then ask its operator for a higher limit, or poll it less often (live.pollIntervalsMs).',
  UPSTREAM_NOT_SUPPORTED: 'Its credentials were not checked: it has no list to read.',
}

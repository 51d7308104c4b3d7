import { type EventEmitter, once } from 'node:events'
import { DeskgraphError } from '../domain/errors.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'

/** One of the gateway's own dependencies: the store, Redis, the key set. */
export interface Dependency {
  readonly name: 'store' | 'keys' | 'redis'
  /** True: the gateway is not ready until this dependency has answered once. */
  readonly isNeededAtStart: boolean
  /** Resolves when it works; rejects when it does not. After a second it counts as down. */
  check(): Promise<unknown>
}

export interface DependencyState {
  readonly name: string
  readonly state: 'UP' | 'DOWN'
  /** What is wrong, for operators. Absent: it works, or it does not answer. */
  readonly problem?: string
}

export interface DependencyMonitor {
  /** Asks every dependency, sets its gauge, and logs a change of its state. Never rejects. */
  check(): Promise<readonly DependencyState[]>
  /** True once each dependency that is needed at the start has answered. It stays true: a later failure takes away a part only. */
  wereAllReached(): boolean
  stop(): void
}

export interface DependencyMonitorDeps {
  readonly dependencies: readonly Dependency[]
  readonly metrics: Metrics
  readonly logger: Logger
  /** How often the gauges are set, in milliseconds. */
  readonly intervalMs?: number
}

const defaultIntervalMs = 5_000

/** What is asked of ioredis here. */
interface RedisConnection extends EventEmitter {
  readonly status: string
  ping(): Promise<unknown>
}

/** What the gateway itself needs. */
export interface GatewayDependencies {
  readonly store: { ping(): Promise<void> }
  readonly authenticator: { isReady(): boolean }
  /** null: the gateway has no Redis. */
  readonly redis: RedisConnection | null
  readonly budgets: { sharedSources(): readonly string[] }
}

/** The store and the keys are needed before anything can be served; Redis never is. */
export function toDependencies({ store, authenticator, redis, budgets }: GatewayDependencies): readonly Dependency[] {
  const checkKeys = async () => {
    if (!authenticator.isReady()) throw new DeskgraphError('AUTH_UNAVAILABLE', 'The keys were never loaded.')
  }
  return [
    { name: 'store', isNeededAtStart: true, check: store.ping },
    { name: 'keys', isNeededAtStart: true, check: checkKeys },
    ...(redis ? [{ name: 'redis', isNeededAtStart: false, check: () => checkRedis(redis, budgets) } as const] : []),
  ]
}

/** Rejects with what this replica does meanwhile, where it shares the budgets of sources with the others. */
async function checkRedis(redis: RedisConnection, budgets: GatewayDependencies['budgets']): Promise<void> {
  try {
    await pingWhenConnected(redis)
  } catch (cause) {
    const sources = budgets.sharedSources()
    if (sources.length === 0) throw cause
    const message = `Each replica makes its share of the calls to ${sources.join(', ')}, by its own count.`
    throw new DeskgraphError('STORAGE_UNAVAILABLE', message, { cause })
  }
}

/** A connection that is being made has not failed yet: the gateway starts faster than Redis answers. Rejects when it cannot be made. */
async function pingWhenConnected(redis: RedisConnection): Promise<unknown> {
  if (redis.status === 'connecting' || redis.status === 'connect')
    await once(redis, 'ready', { signal: AbortSignal.timeout(patienceMs) })
  return redis.ping()
}

/**
 * Watches the dependencies. It asks them at once and at intervals too: the gauges are right where no prober asks, and what was reached at the
 * start counts as reached when it fails before the first probe.
 */
export function watchDependencies(deps: DependencyMonitorDeps): DependencyMonitor {
  const { dependencies, intervalMs = defaultIntervalMs } = deps
  const missing = new Set(dependencies.filter((dependency) => dependency.isNeededAtStart))
  const known = new Map<Dependency, DependencyState['state']>()
  const running = new Map<Dependency, Promise<DependencyState>>()

  async function stateOf(dependency: Dependency): Promise<DependencyState> {
    const { name } = dependency
    try {
      await withinASecond(dependency.check())
      missing.delete(dependency)
      note(dependency, 'UP', null)
      return { name, state: 'UP' }
    } catch (error) {
      note(dependency, 'DOWN', error)
      return { name, state: 'DOWN', ...(error instanceof DeskgraphError && { problem: error.message }) }
    }
  }
  function note(dependency: Dependency, state: DependencyState['state'], error: unknown): void {
    const { name } = dependency
    deps.metrics.set('dependency_up', state === 'UP' ? 1 : 0, { dependency: name })
    const before = known.get(dependency) ?? 'UP'
    known.set(dependency, state)
    if (state === before) return
    if (state === 'UP') deps.logger.warn({ dependency: name }, 'a dependency works again')
    else deps.logger.error({ dependency: name, err: error }, 'a dependency does not work')
  }
  /** Probers that ask at once share one check: a dependency that hangs gets no more of them. */
  function sharedStateOf(dependency: Dependency): Promise<DependencyState> {
    const asked = running.get(dependency) ?? stateOf(dependency).finally(() => running.delete(dependency))
    running.set(dependency, asked)
    return asked
  }
  const check = () => Promise.all(dependencies.map(sharedStateOf))
  const timer = setInterval(check, intervalMs).unref()
  void check()
  return { check, wereAllReached: () => missing.size === 0, stop: () => clearInterval(timer) }
}

const patienceMs = 1_000

/** Rejects when the work takes longer than a second: an orchestrator does not wait for readiness for long either. */
export function withinASecond<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('There was no answer in time.')), patienceMs)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

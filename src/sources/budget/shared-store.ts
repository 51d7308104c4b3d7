import type { Redis } from 'ioredis'
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../domain/telemetry.ts'
import { type CountedCalls, keptForUsers, slotMsOf } from './call-window.ts'
import type { CallLimit } from './limits.ts'
import type { Ask, BudgetStore, CountedLimit, LimitState, MemoryStore, Taken } from './memory-store.ts'
import { endScript, syncScript, takeScript } from './redis-script.ts'

export interface SharedStoreOptions {
  readonly sourceKey: string
  readonly redis: Redis
  readonly limits: readonly CallLimit[]
  readonly keepForUsers: number
  /** Counts the calls of this process too, and decides while Redis does not answer. */
  readonly memory: MemoryStore
  readonly standing: RedisStanding
  /** Identifies this process among the replicas. */
  readonly replica: string
  readonly logger: Logger
  readonly clock: Clock
  /** The time that decides in tests. Absent: the clock of Redis. */
  readonly now?: (() => number) | undefined
}

/** How this process stands to the others. Mutable: the shared store keeps it, and the memory store reads its share. */
export interface RedisStanding {
  /** False: this process decides alone, with its share. */
  isShared: boolean
  /** How many gateways share the account. */
  replicas: number
}

/** Before a script or a key of another form is used, its number changes: several gateways may share one Redis. */
const prefix = 'deskgraph:budget:1'

/**
 * Counts the calls of all replicas in Redis. While Redis does not answer, each replica makes its share of the calls by its own count; it tells
 * Redis of them when that answers again. `state` finds out whether it does.
 */
export function createSharedStore(options: SharedStoreOptions): BudgetStore {
  const { sourceKey, redis, limits, keepForUsers, memory, standing, replica, logger, clock, now } = options
  const accountLimits = limits.filter(({ perSubject }) => !perSubject)
  const time = () => String(now?.() ?? '')
  // The braces keep a source on one node of a cluster.
  const keyOf = ({ limit, subject }: Pick<CountedLimit, 'limit' | 'subject'>) =>
    `${prefix}:{${sourceKey}}:${limit.name}:${subject ?? ''}`
  let lastState: readonly LimitState[] = []
  let awaySince = 0
  let wasAway = false

  function leave(error: unknown): void {
    if (standing.isShared || !wasAway) {
      const fields = { source: sourceKey, replicas: standing.replicas, err: error }
      logger.warn(fields, 'Redis does not count the calls to this source: this replica makes its share of them by its own count')
      awaySince = clock()
      // Of what was left, others may use their share too.
      for (const { limit, left } of lastState) {
        memory.allowAtMost(limit, Math.floor(left / standing.replicas), awaySince + limit.windowMs)
      }
    }
    standing.isShared = false
    wasAway = true
  }

  async function takeShared(ask: Ask): Promise<Taken> {
    const { limits: counted, priority } = ask
    const perLimit = counted.flatMap(({ limit, cost, ahead }) => [
      ...[limit.calls, limit.isOwn ? '1' : '0', limit.windowMs, slotMsOf(limit)],
      ...[keptForUsers(limit, keepForUsers), ahead, cost],
    ])
    const reply = await redis.eval(takeScript, counted.length, ...counted.map(keyOf), time(), priority, ...perLimit)
    const [word, ...texts] = reply as string[]
    const numbers = texts.map(Number)
    if (word === 'wait') return { waitMs: numbers[0]!, heldBy: counted[numbers[1]! - 1]!.limit }
    const places = counted.map((_, index) => ({ slot: numbers[index * 2]!, order: numbers[index * 2 + 1]! }))
    return { receipt: { places: memory.note(ask), shared: places } }
  }

  /** Tells Redis of this replica and of the calls that it counted alone. Rejects while Redis does not answer. */
  async function sync(): Promise<readonly LimitState[]> {
    const windows = memory.counted().filter(({ subject }) => subject === null)
    const own = `${prefix}:{${sourceKey}}:replicas`
    const keys = [...accountLimits.map((limit) => keyOf({ limit, subject: null })), own, `${own}:${replica}`]
    const isOwn = ({ slot }: CountedCalls, limit: CallLimit) => wasAway && (slot + 1) * slotMsOf(limit) > awaySince
    const entries = windows.flatMap(({ limit, counted }) =>
      counted.map((entry) => [
        ...[accountLimits.indexOf(limit) + 1, limit.windowMs, entry.slot, entry.priority, entry.calls],
        isOwn(entry, limit) ? '1' : '0',
      ]),
    )
    const perLimit = accountLimits.flatMap((limit) => [limit.calls, limit.isOwn ? '1' : '0', limit.windowMs, slotMsOf(limit)])
    const values = [time(), replica, entries.length, ...entries.flat(), ...perLimit]
    const reply = (await redis.eval(syncScript, keys.length, ...keys, ...values)) as string[]
    const [replicas, ...numbers] = reply.map(Number)
    standing.replicas = Math.max(1, replicas ?? 1)
    return accountLimits.map((limit, index) => ({ limit, calls: numbers[index * 2]!, left: numbers[index * 2 + 1]! }))
  }

  return {
    async take(ask) {
      if (!standing.isShared) return memory.take(ask)
      try {
        return await takeShared(ask)
      } catch (error) {
        leave(error)
        return memory.take(ask)
      }
    },
    async end(ask, receipt, sent, ends) {
      await memory.end(ask, receipt, sent, ends)
      const { shared } = receipt
      if (!shared || !standing.isShared) return
      const perLimit = ask.limits.flatMap(({ limit, cost }, index) => {
        const { reading, closedForMs } = ends[index]!
        const { slot, order } = shared[index]!
        const said = [closedForMs, reading?.total, reading?.remaining, reading?.resetsInMs].map((value) => value ?? '')
        return [limit.windowMs, slotMsOf(limit), slot, order, ...said, cost]
      })
      const values = [time(), ask.priority, sent, ...perLimit]
      try {
        await redis.eval(endScript, ask.limits.length, ...ask.limits.map(keyOf), ...values)
      } catch (error) {
        leave(error)
      }
    },
    async state() {
      // A connection that is being made has not failed yet.
      if (!wasAway && (redis.status === 'connecting' || redis.status === 'connect')) return memory.state()
      try {
        lastState = await sync()
        if (wasAway)
          logger.info({ source: sourceKey, replicas: standing.replicas }, 'Redis counts the calls to this source again')
        wasAway = false
        standing.isShared = true
        return lastState
      } catch (error) {
        leave(error)
        return memory.state()
      }
    },
  }
}

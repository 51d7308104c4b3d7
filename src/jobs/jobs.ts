import { fromPglite, type PGliteLike, PgBoss } from 'pg-boss'
import type { Logger } from '../domain/telemetry.ts'
import type { Transaction } from '../domain/transaction.ts'

/** The database that the job engine shares with the store: the embedded instance itself, or the server's address. */
type JobDatabase =
  | { readonly kind: 'pglite'; readonly pglite: PGliteLike }
  | { readonly kind: 'postgres'; readonly databaseUrl: string }

interface QueueOptions {
  /** How long a job belongs to its worker, in seconds. After that the worker counts as dead, and another one gets the job. */
  readonly leaseSeconds: number
}

type Handler = (data: unknown, signal: AbortSignal) => Promise<void>

/** A job queue that outlives this process: pg-boss in the store's own database, shared by every replica. */
export interface Jobs {
  /** Installs or migrates the engine's tables, then starts the workers. */
  start(): Promise<void>
  /** Waits a moment for running jobs, then releases them for other replicas. */
  stop(): Promise<void>
  /**
   * Creates the queue if it does not exist. Call it before the transaction that sends: inside a transaction of the embedded
   * database the engine cannot read the queue, because the transaction holds the only connection.
   */
  openQueue(name: string, options: QueueOptions): Promise<void>
  queueNames(): Promise<readonly string[]>
  /** Adds a job, committed with the transaction, due at `at` (null: at once). A job whose id exists already is ignored. */
  send(
    tx: Transaction,
    queue: string,
    job: { readonly id: string; readonly data: object; readonly at: Date | null },
  ): Promise<void>
  /** Starts `concurrency` workers on a queue in this process. The engine repeats a job whose handler throws. */
  work(queue: string, concurrency: number, handler: Handler): Promise<void>
  /** Makes this process's workers look for due jobs after `waitMs` instead of at their next poll. */
  notifyAfter(queue: string, waitMs: number): void
  /** Runs the handler at the times of a cron expression (UTC), on one replica at a time. Missed times are made up for by one run. */
  schedule(name: string, cron: string, handler: () => Promise<void>): Promise<void>
}

export interface JobsDeps {
  readonly database: JobDatabase
  readonly logger: Logger
  /** How often a worker polls its queue when it gets no notification. */
  readonly pollSeconds?: number | undefined
  /** How often the engine looks for expired leases. */
  readonly superviseSeconds?: number | undefined
  /** How long a stop waits for running jobs. */
  readonly stopTimeoutMs?: number | undefined
}

/** Longer waits are left to the poll: a timer for each would only occupy memory. */
const maxNotifyDelayMs = 10 * 60_000
/** How much less often than the first worker of a queue the others poll. */
const idlePollFactor = 12
const errorLogIntervalMs = 10_000
/**
 * Polling is most of what an idle embedded database does, and it runs in the gateway's own thread: poll it less. All senders are
 * in this process and notify its workers, and a lease can only expire across a restart.
 */
const defaultSeconds = { postgres: { poll: 5, supervise: 5 }, pglite: { poll: 15, supervise: 15 } }
/** A due cron job notifies its worker; this poll covers a lost notification. */
const cronPollSeconds = 60
const unknownJobId = '00000000-0000-0000-0000-000000000000'

/** Creates the job queue. Nothing runs before `start`. */
export function createJobs(deps: JobsDeps): Jobs {
  const pollSeconds = deps.pollSeconds ?? defaultSeconds[deps.database.kind].poll
  const boss = createBoss(deps)
  const workers = new Map<string, string[]>()
  const opened = new Set<string>()
  const timers = new Set<NodeJS.Timeout>()

  const notifyWorkers = (queue: string) => workers.get(queue)?.forEach((id) => void boss.notifyWorker(id))

  async function openQueue(name: string, { leaseSeconds }: QueueOptions): Promise<void> {
    if (opened.has(name)) return
    // Handlers plan their own retries; the engine only repeats jobs whose worker died or whose handler threw.
    const options = { expireInSeconds: leaseSeconds, retryLimit: 10_000, retryDelay: 2, retryBackoff: true, retryDelayMax: 300 }
    await boss.createQueue(name, { ...options, notify: true, deleteAfterSeconds: 3_600 })
    await boss.updateQueue(name, options)
    // Fills the engine's queue cache, so that `send` reads nothing from a database that its transaction holds.
    await boss.findJobs(name, { id: unknownJobId })
    opened.add(name)
  }

  /** The first worker of a queue polls often; the others wait for a notification. */
  async function addWorker(queue: string, handler: Handler, firstPollSeconds = pollSeconds): Promise<void> {
    const existing = workers.get(queue) ?? []
    const interval = existing.length === 0 ? firstPollSeconds : firstPollSeconds * idlePollFactor
    const options = { batchSize: 1, pollingIntervalSeconds: interval, notifyPollingIntervalSeconds: interval }
    const id = await boss.work<unknown>(queue, options, async ([job]) => {
      // There may be more jobs: every worker polls at once, this one after its job.
      notifyWorkers(queue)
      if (job) await handler(job.data, job.signal)
    })
    workers.set(queue, [...existing, id])
  }

  return {
    start: async () => void (await boss.start()),
    async stop() {
      for (const timer of timers) clearTimeout(timer)
      await boss.stop({ graceful: true, timeout: deps.stopTimeoutMs ?? 3_000 })
    },
    openQueue,
    queueNames: async () => (await boss.getQueues()).map(({ name }) => name),
    async send(tx, queue, { id, data, at }) {
      await boss.insert(queue, [{ id, data, ...(at ? { startAfter: at } : {}) }], { db: tx })
    },
    async work(queue, concurrency, handler) {
      for (let i = 0; i < concurrency; i++) await addWorker(queue, handler)
    },
    notifyAfter(queue, waitMs) {
      if (waitMs > maxNotifyDelayMs) return
      const timer = setTimeout(() => {
        timers.delete(timer)
        notifyWorkers(queue)
      }, waitMs).unref()
      timers.add(timer)
    },
    async schedule(name, cron, handler) {
      await openQueue(name, { leaseSeconds: 900 })
      await addWorker(name, handler, cronPollSeconds)
      await boss.schedule(name, cron, null, { tz: 'UTC', missed: 'once', retryLimit: 2 })
    },
  }
}

function createBoss({ database, logger, superviseSeconds = defaultSeconds[database.kind].supervise }: JobsDeps): PgBoss {
  const boss = new PgBoss({
    ...(database.kind === 'pglite'
      ? { db: fromPglite(database.pglite), backend: 'pglite' as const }
      : { connectionString: database.databaseUrl, max: 4, application_name: 'deskgraph-jobs' }),
    useListenNotify: true,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    // No job depends on another one, and cron jobs may start half a minute late: the engine's five-second polls are not needed.
    flowIntervalSeconds: 300,
    cronWorkerIntervalSeconds: 30,
  })
  // While the database is down every worker fails at every poll: log one line per interval.
  let silentUntil = 0
  boss.on('error', (error) => {
    if (Date.now() < silentUntil) return
    silentUntil = Date.now() + errorLogIntervalMs
    logger.warn({ err: error }, 'the job engine met an error and goes on')
  })
  boss.on('warning', ({ message }) => logger.warn({}, `job engine: ${message}`))
  return boss
}

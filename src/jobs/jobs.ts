import { fromPglite, type PGliteLike, PgBoss } from 'pg-boss'
import type { Logger } from '../domain/telemetry.ts'
import type { Transaction } from '../domain/transaction.ts'

/** The database that the job engine shares with the store: the embedded instance itself, or the server's address. */
type JobDatabase =
  | { readonly kind: 'pglite'; readonly pglite: PGliteLike }
  | { readonly kind: 'postgres'; readonly databaseUrl: string }

interface QueueOptions {
  /** How long a job belongs to its worker, in seconds. After that another one may take it: the worker has died. */
  readonly leaseSeconds: number
}

type Handler = (data: unknown, signal: AbortSignal) => Promise<void>

/** Work that outlives this process: pg-boss in the store's own database, shared by every replica. */
export interface Jobs {
  /** Installs or migrates the engine's tables and begins to work. */
  start(): Promise<void>
  /** Lets running jobs finish for a moment, then gives them back. */
  stop(): Promise<void>
  /** Makes sure that the queue is there. Before the transaction that sends to it: it may not look for it from inside. */
  openQueue(name: string, options: QueueOptions): Promise<void>
  queueNames(): Promise<readonly string[]>
  /** Adds a job, committed with the transaction, due at `at` (null: at once). A job with an id that is already there is not added again. */
  send(
    tx: Transaction,
    queue: string,
    job: { readonly id: string; readonly data: object; readonly at: Date | null },
  ): Promise<void>
  /** Works on a queue, with at most `concurrency` jobs at once in this process. A handler that throws is called again later. */
  work(queue: string, concurrency: number, handler: Handler): Promise<void>
  /** Looks for jobs that are due after this time, now rather than at the next poll. */
  wakeAfter(queue: string, waitMs: number): void
  /** Runs the handler at the times of a cron expression (UTC), on one replica at a time. A time that was missed is made up for once. */
  schedule(name: string, cron: string, handler: () => Promise<void>): Promise<void>
}

export interface JobsDeps {
  readonly database: JobDatabase
  readonly logger: Logger
  /** How often a queue is looked at when nothing wakes its worker. */
  readonly pollSeconds?: number | undefined
  /** How often the leases of dead workers are looked for. */
  readonly superviseSeconds?: number | undefined
  /** How long a stop waits for running jobs. */
  readonly stopTimeoutMs?: number | undefined
}

const longestWakeMs = 10 * 60_000
const idleFactor = 12
const quietMs = 10_000
/**
 * Looking for work and for dead workers is most of what an idle embedded database does, in the gateway's own thread. There, what
 * this process sends wakes its workers, and only a restart leaves a dead one.
 */
const usualSeconds = { postgres: { poll: 5, supervise: 5 }, pglite: { poll: 15, supervise: 15 } }
/** A cron job says so when it is due; a look is for the case that nobody heard. */
const cronPollSeconds = 60
const noJob = '00000000-0000-0000-0000-000000000000'

export function createJobs(deps: JobsDeps): Jobs {
  const pollSeconds = deps.pollSeconds ?? usualSeconds[deps.database.kind].poll
  const boss = createBoss(deps)
  const workers = new Map<string, string[]>()
  const opened = new Set<string>()
  const timers = new Set<NodeJS.Timeout>()

  const wake = (queue: string) => workers.get(queue)?.forEach((id) => void boss.notifyWorker(id))

  async function openQueue(name: string, { leaseSeconds }: QueueOptions): Promise<void> {
    if (opened.has(name)) return
    // Handlers decide about repeats themselves; the engine only repeats what broke off.
    const options = { expireInSeconds: leaseSeconds, retryLimit: 10_000, retryDelay: 2, retryBackoff: true, retryDelayMax: 300 }
    await boss.createQueue(name, { ...options, notify: true, deleteAfterSeconds: 3_600 })
    await boss.updateQueue(name, options)
    // Puts the queue into the engine's memory, so that `send` asks nothing of a database that its transaction holds.
    await boss.findJobs(name, { id: noJob })
    opened.add(name)
  }

  /** The first worker of a queue looks often; the others wait until it finds something, or the database says so. */
  async function addWorker(queue: string, handler: Handler, firstPollSeconds = pollSeconds): Promise<void> {
    const before = workers.get(queue) ?? []
    const interval = before.length === 0 ? firstPollSeconds : firstPollSeconds * idleFactor
    const options = { batchSize: 1, pollingIntervalSeconds: interval, notifyPollingIntervalSeconds: interval }
    const id = await boss.work<unknown>(queue, options, async ([job]) => {
      // There may be more: all look again at once, this one after its job.
      wake(queue)
      if (job) await handler(job.data, job.signal)
    })
    workers.set(queue, [...before, id])
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
    wakeAfter(queue, waitMs) {
      if (waitMs > longestWakeMs) return
      const timer = setTimeout(() => {
        timers.delete(timer)
        wake(queue)
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

function createBoss({ database, logger, superviseSeconds = usualSeconds[database.kind].supervise }: JobsDeps): PgBoss {
  const boss = new PgBoss({
    ...(database.kind === 'pglite'
      ? { db: fromPglite(database.pglite), backend: 'pglite' as const }
      : { connectionString: database.databaseUrl, max: 4, application_name: 'deskgraph-jobs' }),
    useListenNotify: true,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    // No job of ours waits for another one, and what is scheduled may be half a minute late: nobody has to look every five seconds.
    flowIntervalSeconds: 300,
    cronWorkerIntervalSeconds: 30,
  })
  // While the database is away every worker fails at every look: one line says so.
  let quietUntil = 0
  boss.on('error', (error) => {
    if (Date.now() < quietUntil) return
    quietUntil = Date.now() + quietMs
    logger.warn({ cause: error.message }, 'the job engine met an error and goes on')
  })
  boss.on('warning', ({ message }) => logger.warn({}, `job engine: ${message}`))
  return boss
}

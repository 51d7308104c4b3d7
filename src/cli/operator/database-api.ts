import { randomUUID } from 'node:crypto'
import { toIdentityMap } from '../../config/gateway-config.ts'
import { type Environment, readYaml } from '../../config/read-yaml.ts'
import { createDeliveryService } from '../../delivery/delivery-service.ts'
import { createOutbox } from '../../delivery/outbox.ts'
import type { Call } from '../../domain/call.ts'
import { systemClock } from '../../domain/clock.ts'
import { anonymous } from '../../domain/permissions.ts'
import { type AuditLog, noLogger, noMetrics } from '../../domain/telemetry.ts'
import { toBulkAuditLine } from '../../domain/writes.ts'
import { createDeadLetters } from '../../ingestion/dead-letters.ts'
import { createReconciler } from '../../ingestion/reconciler.ts'
import { createJobs } from '../../jobs/jobs.ts'
import { createAuditLog } from '../../observability/audit-log.ts'
import { createSources } from '../../sources/registry.ts'
import { type CommandScope, withStore } from '../with-store.ts'
import type { OperatorApi } from './operator-api.ts'

/**
 * Runs the work on the database of the environment. It sends nothing and applies no event: the gateways on the same database do, and
 * the next one that starts. `audit`: the file of the audit log; absent: the standard error.
 */
export function withDatabaseApi(
  environment: Environment,
  audit: string | undefined,
  work: (api: OperatorApi) => Promise<void>,
): Promise<void> {
  return withStore(environment, async (scope) => {
    await using stack = new AsyncDisposableStack()
    const services = await openServices(scope, environment, stack)
    const write = (line: string) => void process.stderr.write(line)
    await work(createDatabaseApi(services, createAuditLog({ file: audit, write, clock: systemClock })))
  })
}

type Services = Awaited<ReturnType<typeof openServices>>

/** The services as a gateway has them, without workers. */
async function openServices({ config, store, signIn }: CommandScope, environment: Environment, stack: AsyncDisposableStack) {
  const observed = { logger: noLogger, metrics: noMetrics, clock: systemClock }
  const jobs = createJobs({ database: store.engine, logger: noLogger })
  stack.defer(jobs.stop)
  await jobs.start()
  const { deliveries } = store
  const outbox = createOutbox({ deliveries, jobs, timeoutMs: config.deliveries.timeoutMs, clock: systemClock })
  const built = await createSources(config.sources, {
    ...observed,
    tickets: store.tickets,
    store,
    outbox,
    signIn,
    identity: toIdentityMap(config),
    readYaml: (text, file, schema) => readYaml({ text, file, schema, environment }),
  })
  stack.defer(async () => void (await Promise.all(built.map(({ source }) => source.close?.()))))
  const directories = built.flatMap(({ partners }) => partners ?? [])
  const webhookHandlers = built.flatMap(({ webhook }) => webhook ?? [])
  return {
    sourceKeys: Object.keys(config.sources),
    deliveries: createDeliveryService({ ...observed, store, deliveries, jobs, outbox, directories, config: config.deliveries }),
    // A replayed event stays pending until a gateway finds it.
    deadLetters: createDeadLetters({ store, webhookHandlers, ingestion: { schedule() {} }, clock: systemClock }),
    reconciler: createReconciler({ sources: built.map(({ source }) => source), store, clock: systemClock }),
  }
}

function createDatabaseApi({ sourceKeys, deliveries, deadLetters, reconciler }: Services, audit: AuditLog): OperatorApi {
  const requestId = randomUUID()
  /** Writes the audit line that the gateway writes for the same mutation. */
  async function audited<T>(what: string, toLine: (result: T) => Line, action: Promise<T>): Promise<T> {
    const result = await action
    audit.record({ who: 'operator', what, requestId, ...toLine(result) })
    return result
  }
  return {
    listDeliveries: ({ partner, states }, page) =>
      deliveries.list({ ...page, partner, states: states.length > 0 ? states : null, sourceKeys }),
    replayDelivery: (id) => audited('replayDelivery', toLine, deliveries.replay(id)),
    replayDeliveries: (partner, states, limit) =>
      audited('replayDeliveries', toBulkAuditLine, deliveries.replayMany({ partner, states, sourceKeys, limit })),
    enablePartner: (source, partner) => audited('enablePartner', toBulkAuditLine, deliveries.enablePartner(source, partner)),
    listDeadLetters: (source, page) => deadLetters.list({ ...page, sourceKeys: source === null ? null : [source] }),
    replayDeadLetter: (id) => audited('replayQuarantined', toLine, deadLetters.replay(id)),
    replayDeadLetters: (source, limit) => audited('replayAllQuarantined', toBulkAuditLine, deadLetters.replayMany(source, limit)),
    discardDeadLetter: (id, reason) => audited('discardQuarantined', toLine, deadLetters.discard(id, reason)),
    reconcile: (request) => audited('reconcileSource', toBulkAuditLine, reconciler.reconcile(request, toCall(requestId))),
  }
}

/** How long one batch may take. */
const batchTimeoutMs = 60_000

function toCall(requestId: string): Call {
  return { viewer: anonymous, signal: AbortSignal.timeout(batchTimeoutMs), requestId }
}

type Line = ReturnType<typeof toBulkAuditLine>

function toLine(result: { readonly id: string; readonly state: string } | null): Line {
  return { subject: result?.id ?? null, outcome: result?.state ?? 'NOT_FOUND' }
}

import { SingleBar } from 'cli-progress'
import type { DeliveryState } from '../../domain/delivery.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { BulkResult, UserError } from '../../domain/writes.ts'
import type { OperatorApi, ReconciledBatch } from './operator-api.ts'

/** Where a command writes. */
export interface CommandOutput {
  readonly out: NodeJS.WritableStream
  /** Receives errors, and the progress bar when it is a terminal. */
  readonly err: NodeJS.WriteStream
  /** Prints JSON instead of lines. */
  readonly json: boolean
}

/** 0: everything was done. 1: nothing was. 2: a part was. */
type ExitCode = 0 | 1 | 2

const pageSize = 100
/** Records of one request: the bar moves, and each request ends in time. */
const bulkSize = 100

/** `deskgraph deliveries list`: the newest deliveries. */
export async function listDeliveries(
  api: OperatorApi,
  { partner = null, states, limit }: { partner?: string | null; states: readonly DeliveryState[]; limit: number },
  output: CommandOutput,
): Promise<ExitCode> {
  const found = await take((page) => api.listDeliveries({ partner, states }, page), limit)
  print(output, found, ({ id, state, partner, attempts, lastStatus, lastError, createdAt }) =>
    [createdAt, state, partner, `${attempts} attempts`, lastStatus ?? '-', id, lastError ?? ''].join('  '),
  )
  return 0
}

/** `deskgraph deliveries replay --partner`: every delivery of the partner in these states. */
export async function replayDeliveries(
  api: OperatorApi,
  { partner, states }: { partner: string; states: readonly DeliveryState[] },
  output: CommandOutput,
): Promise<ExitCode> {
  const total = await count((page) => api.listDeliveries({ partner, states }, page))
  return replayAll(total, (most) => api.replayDeliveries(partner, states, most), output)
}

/** `deskgraph deliveries enable`: sends what was held for the partner. */
export async function enablePartner(api: OperatorApi, source: string, partner: string, output: CommandOutput): Promise<ExitCode> {
  return report(await api.enablePartner(source, partner), output)
}

/** `deskgraph quarantine list`: the newest events, without their bodies. */
export async function listQuarantine(
  api: OperatorApi,
  { source = null, limit }: { source?: string | null; limit: number },
  output: CommandOutput,
): Promise<ExitCode> {
  const found = await take((page) => api.listDeadLetters(source, page), limit)
  const shown = found.map(({ id, source: { key }, receivedAt, problem, state }) => ({
    id,
    source: key,
    receivedAt,
    problem,
    state,
  }))
  print(output, shown, ({ id, source: key, receivedAt, problem, state }) => [receivedAt, state, key, id, problem].join('  '))
  return 0
}

/** `deskgraph quarantine replay --source`: every held event of the source, once. */
export async function replayQuarantine(api: OperatorApi, source: string, output: CommandOutput): Promise<ExitCode> {
  const total = await count(
    (page) => api.listDeadLetters(source, page),
    ({ state }) => state === 'HELD',
  )
  return replayAll(total, (most) => api.replayDeadLetters(source, most), output)
}

/** `deskgraph reconcile`: every known ticket of the source, in batches. */
export async function reconcile(
  api: OperatorApi,
  sourceKey: string,
  { dryRun, force }: { readonly dryRun: boolean; readonly force: boolean },
  output: CommandOutput,
): Promise<ExitCode> {
  const sum = { checked: 0, changedIds: [] as string[], removedIds: [] as string[], failed: 0, userErrors: [] as UserError[] }
  let bar: SingleBar | null = null
  for (let after: string | null = null; ; ) {
    const batch = await api.reconcile({ sourceKey, limit: bulkSize, after, dryRun, force })
    sum.checked += batch.checked
    sum.failed += batch.failed
    sum.userErrors.push(...batch.userErrors)
    if (batch.userErrors.length === 0) {
      sum.changedIds.push(...batch.changedIds)
      sum.removedIds.push(...batch.removedIds)
    }
    bar ??= createBar(output, batch.total)
    bar?.update(sum.checked + sum.failed)
    after = batch.endCursor
    if (after === null || batch.userErrors.length > 0) break
  }
  bar?.stop()
  return reportReconciliation(sum, dryRun, output)
}

function reportReconciliation(
  sum: Omit<ReconciledBatch, 'total' | 'endCursor'>,
  dryRun: boolean,
  { out, err, json }: CommandOutput,
): ExitCode {
  const { checked, changedIds, removedIds, failed, userErrors } = sum
  if (json) out.write(`${JSON.stringify({ ...sum, dryRun })}\n`)
  else {
    for (const id of removedIds) out.write(`gone     ${id}\n`)
    for (const id of changedIds) out.write(`changed  ${id}\n`)
    const end = dryRun ? '; nothing was recorded (--dry-run)' : ''
    out.write(`${checked} compared, ${changedIds.length} changed, ${removedIds.length} gone, ${failed} could not be read${end}\n`)
    for (const { code, message } of userErrors) err.write(`${code}: ${message}\n`)
  }
  if (failed === 0 && userErrors.length === 0) return 0
  return checked > 0 && userErrors.length === 0 ? 2 : 1
}

/** Acts on records by their ids. One that does not exist, or is in another state afterwards, has failed. */
export async function actOnEach(
  ids: readonly string[],
  wanted: string,
  act: (id: string) => Promise<{ readonly id: string; readonly state: string } | null>,
  output: CommandOutput,
): Promise<ExitCode> {
  const bar = createBar(output, ids.length)
  let done = 0
  const userErrors: UserError[] = []
  for (const id of ids) {
    const state = (await act(id))?.state
    if (state === wanted) done += 1
    else {
      const message = state === undefined ? `${id}: there is none with this id.` : `${id} is ${state}.`
      userErrors.push({ code: state === undefined ? 'NOT_FOUND' : 'CONFLICT', message, field: null })
    }
    bar?.increment()
  }
  bar?.stop()
  return report({ done, failed: ids.length - done, userErrors }, output)
}

/**
 * Repeats a bulk action until as many records were acted on as there were at the start. A record that fails again, or that comes meanwhile,
 * never makes it endless.
 */
async function replayAll(total: number, act: (most: number) => Promise<Counts>, output: CommandOutput): Promise<ExitCode> {
  const bar = createBar(output, total)
  let sum: Counts = { done: 0, failed: 0, userErrors: [] }
  // The first request is sent for nothing too: it tells that the partner or the source does not exist.
  for (let left = Math.max(total, 1); left > 0; ) {
    const { done, failed, userErrors } = await act(Math.min(left, bulkSize))
    sum = { done: sum.done + done, failed: sum.failed + failed, userErrors }
    bar?.update(Math.min(sum.done + sum.failed, total))
    if (userErrors.length > 0 || done + failed === 0) break
    left -= done + failed
  }
  bar?.stop()
  return report(sum, output)
}

type Counts = Pick<BulkResult, 'done' | 'failed' | 'userErrors'>

function report({ done, failed, userErrors }: Counts, { out, err, json }: CommandOutput): ExitCode {
  if (json) out.write(`${JSON.stringify({ done, failed, userErrors })}\n`)
  else {
    out.write(`${done} done, ${failed} failed\n`)
    for (const { code, message } of userErrors) err.write(`${code}: ${message}\n`)
  }
  if (failed === 0 && userErrors.length === 0) return 0
  return done > 0 ? 2 : 1
}

function print<T>({ out, json }: CommandOutput, items: readonly T[], toLine: (item: T) => string): void {
  if (json) out.write(`${JSON.stringify(items, null, 2)}\n`)
  else for (const item of items) out.write(`${toLine(item).trimEnd()}\n`)
}

function createBar({ err, json }: CommandOutput, total: number): SingleBar | null {
  if (!err.isTTY || json || total === 0) return null
  const bar = new SingleBar({
    format: '[{bar}] {percentage}% | {value} of {total} | {eta_formatted} left',
    stream: err,
    hideCursor: true,
  })
  bar.start(total, 0)
  return bar
}

type List<T> = (page: PageRequest) => Promise<Page<T>>

async function* readAll<T>(list: List<T>): AsyncGenerator<T> {
  for (let after: string | null = null; ; ) {
    const { items, hasNextPage } = await list({ first: pageSize, after })
    for (const { node } of items) yield node
    after = items.at(-1)?.cursor ?? null
    if (!hasNextPage || after === null) return
  }
}

async function take<T>(list: List<T>, limit: number): Promise<readonly T[]> {
  const taken: T[] = []
  for await (const item of readAll(list)) {
    if (taken.push(item) >= limit) break
  }
  return taken
}

async function count<T>(list: List<T>, isCounted: (item: T) => boolean = () => true): Promise<number> {
  let total = 0
  for await (const item of readAll(list)) if (isCounted(item)) total += 1
  return total
}

import { randomUUID } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Change, ChangeStream } from '../domain/events.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { CheckpointStore, Leases } from '../domain/transaction.ts'

export interface ChangeSinkDeps {
  /** Names the sink's checkpoint and its lease. */
  readonly name: string
  readonly changes: Pick<ChangeStream, 'subscribe'>
  readonly checkpoints: CheckpointStore
  readonly leases: Leases
  /** A change in the sink's format; null: this sink leaves it out. */
  readonly toLine: (change: Change) => string | null
  /** Writes one line. After a rejection the sink writes it again. */
  readonly writeLine: (line: string) => Promise<void>
  /** Identifies this process among the replicas. */
  readonly holder: string
  readonly logger: Logger
  /** How long to wait after an error, or for a lease that another replica holds, in milliseconds. */
  readonly retryMs?: number | undefined
}

const leaseMs = 15_000
const renewAfterMs = leaseMs / 2
const defaultRetryMs = 1_000

/** Appends lines to a file. */
export function createFileWriter(path: string): (line: string) => Promise<void> {
  return (line) => appendFile(path, `${line}\n`)
}

/**
 * Writes every change to a target, in order and at least once, beginning after its checkpoint.
 * Of several replicas, the one that holds the lease writes.
 */
export function startChangeSink(deps: ChangeSinkDeps): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const running = runSink(deps, stopping.signal)
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** A configured sink: an NDJSON file in the format of `toLine`. */
export interface FileSink {
  readonly name: string
  readonly file: string
  readonly toLine: ChangeSinkDeps['toLine']
}

/** Starts a change sink for each of these files. */
export function startFileSinks(
  sinks: readonly FileSink[],
  deps: Pick<ChangeSinkDeps, 'changes' | 'checkpoints' | 'leases' | 'logger'>,
): { stop(): Promise<void> } {
  const holder = randomUUID()
  const running = sinks.map(({ name, file, toLine }) =>
    startChangeSink({ ...deps, name, toLine, writeLine: createFileWriter(file), holder }),
  )
  return { stop: async () => void (await Promise.all(running.map((sink) => sink.stop()))) }
}

const idOf = ({ name }: ChangeSinkDeps): string => `sink:${name}`

async function runSink(deps: ChangeSinkDeps, signal: AbortSignal): Promise<void> {
  const { leases, holder, logger, retryMs = defaultRetryMs } = deps
  while (!signal.aborted) {
    try {
      if (await leases.acquire(idOf(deps), holder, leaseMs)) await writeChanges(deps, signal)
    } catch (error) {
      const cause = error instanceof Error ? error.name : 'unknown'
      logger.warn({ sink: deps.name, cause }, 'the sink could not write a change; it tries again after its checkpoint')
    }
    await pause(retryMs, signal)
  }
  await leases.release(idOf(deps), holder).catch(() => {})
}

/** Returns when the lease is lost, or when the stream ends. */
async function writeChanges(deps: ChangeSinkDeps, signal: AbortSignal): Promise<void> {
  const { changes, checkpoints, leases, holder } = deps
  const after = (await checkpoints.findCheckpoint(idOf(deps))) as string | null
  let renewAt = Date.now() + renewAfterMs
  for await (const batch of changes.subscribe({ after, signal })) {
    for (const change of batch) {
      if (signal.aborted) return
      if (Date.now() > renewAt) {
        if (!(await leases.acquire(idOf(deps), holder, leaseMs))) return
        renewAt = Date.now() + renewAfterMs
      }
      const line = deps.toLine(change)
      if (line !== null) await deps.writeLine(line)
      await checkpoints.saveCheckpoint(idOf(deps), change.cursor)
    }
  }
}

/**
 * Waits, or returns as soon as the signal aborts. The timer removes its abort listener when it ends: a listener that stayed would add
 * one for every pause, and Node warns of a memory leak at the eleventh.
 */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => {})
}

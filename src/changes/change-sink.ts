import { appendFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Change, ChangeStream } from '../domain/events.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { Leases } from '../domain/transaction.ts'

/** Where long-running work stores how far it has come, under its own name. */
export interface CheckpointStore {
  /** Null when nothing was saved under this name. */
  findCheckpoint(name: string): Promise<unknown>
  /** `body` is JSON-safe. It replaces what was saved before. */
  saveCheckpoint(name: string, body: unknown): Promise<void>
}

export interface ChangeSinkDeps {
  readonly name: string
  readonly feed: ChangeStream
  readonly checkpoints: CheckpointStore
  readonly leases: Leases
  /** One change as a line of the sink's format; null: not for this sink. */
  readonly toLine: (change: Change) => string | null
  /** Hands a line over; a rejection means that it has to come again. */
  readonly deliver: (line: string) => Promise<void>
  /** Names this process among the replicas: one of them feeds the sink. */
  readonly holder: string
  readonly logger: Logger
}

const leaseMs = 15_000
const retryMs = 1_000

/** Appends lines to a file. */
export function createFileTarget(path: string): (line: string) => Promise<void> {
  return (line) => appendFile(path, `${line}\n`)
}

/** Waits, or returns at once after the abort. `sleep` removes its abort listener when its time is over; without that they add up. */
const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal, ref: false }).catch(() => {})

/** Hands every change to a target, at least once and in order, from where it stopped before. */
export function startChangeSink(deps: ChangeSinkDeps): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const { signal } = stopping
  const checkpoint = `sink:${deps.name}`
  const lease = `sink:${deps.name}`

  const follow = async (): Promise<void> => {
    const after = (await deps.checkpoints.findCheckpoint(checkpoint)) as string | null
    let heldUntil = Date.now() + leaseMs / 2
    for await (const changes of deps.feed.subscribe({ after, signal })) {
      for (const change of changes) {
        if (signal.aborted) return
        if (Date.now() > heldUntil) {
          if (!(await deps.leases.acquire(lease, deps.holder, leaseMs))) return
          heldUntil = Date.now() + leaseMs / 2
        }
        const line = deps.toLine(change)
        if (line !== null) await deps.deliver(line)
        await deps.checkpoints.saveCheckpoint(checkpoint, change.cursor)
      }
    }
  }

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        if (await deps.leases.acquire(lease, deps.holder, leaseMs)) await follow()
      } catch (error) {
        deps.logger.warn(
          { sink: deps.name, cause: error instanceof Error ? error.name : 'unknown' },
          'the sink could not take a change',
        )
      }
      if (!signal.aborted) await pause(retryMs, signal)
    }
    await deps.leases.release(lease, deps.holder).catch(() => {})
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

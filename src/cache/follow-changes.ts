import type { ChangeLog } from '../changes/change-log.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { CachedSource } from './cached-source.ts'

export interface FollowChangesDeps {
  readonly changeLog: ChangeLog
  readonly sources: readonly CachedSource[]
  readonly logger: Logger
  /** How often to look for the changes of other replicas, in milliseconds. */
  readonly pollMs?: number
}

const pageSize = 500

/** Drops what is kept of every ticket that the journal says has changed: by an event, a write of any replica, or a poll. */
export async function followChanges({
  changeLog,
  sources,
  logger,
  pollMs = 1_000,
}: FollowChangesDeps): Promise<{ stop(): Promise<void> }> {
  const byKey = new Map(sources.map((source) => [source.info.key, source]))
  let { head: at } = await changeLog.bounds()
  let reading: Promise<void> | null = null
  let again = false

  async function read(): Promise<void> {
    do {
      again = false
      for (let more = true; more; ) {
        const slice = await changeLog.read(at, pageSize)
        await Promise.all(
          slice.changes.map(({ change: { ticket } }) => byKey.get(ticket.source.key)?.invalidate(ticket.id, ticket)),
        )
        at = Math.max(at, slice.lastSeq)
        more = slice.hasMore
      }
    } while (again)
  }

  /** One reading at a time; what is announced meanwhile is read after it. */
  function look(): void {
    again = true
    reading ??= read()
      .catch((error: unknown) => logger.warn({ err: error }, 'changes could not be read for the answer cache'))
      .finally(() => {
        reading = null
      })
  }

  const stopListening = changeLog.onCommitted(look)
  const timer = changeLog.shared ? setInterval(look, pollMs) : undefined
  return {
    async stop() {
      stopListening()
      clearInterval(timer)
      await reading
    },
  }
}

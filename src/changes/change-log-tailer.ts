import type { Logger } from '../domain/telemetry.ts'
import { createAdaptiveBatching } from './adaptive-batching.ts'
import type { ChangeLog, ChangeLogCommit, ChangeLogSlice } from './change-log.ts'
import type { PubSub } from './pub-sub.ts'

export type Follower = (entry: ChangeLogSlice['changes'][number]) => void

/** Reads the journal's end once for all who follow it in this process. Rests while nobody does. */
export interface ChangeLogTailer {
  /**
   * Every change behind the number returned goes to the follower, in order, and perhaps some before it: those that waited for a round.
   */
  follow(follower: Follower): Promise<{ readonly from: number; stop(): void }>
  close(): void
}

export interface ChangeLogTailerDeps {
  readonly changeLog: ChangeLog
  readonly bus: PubSub
  readonly logger: Logger
  /** How often the journal is looked at for changes of other replicas, where no shared bus tells of them. */
  readonly pollMs?: number
}

const pageSize = 200
const defaultPollMs = 200
/** With a shared bus only a lost message needs it. */
const safetyPollMs = 5_000
const retryMs = 500

export function createChangeLogTailer({ changeLog, bus, logger, pollMs = defaultPollMs }: ChangeLogTailerDeps): ChangeLogTailer {
  const followers = new Set<Follower>()
  // What is remembered while somebody follows: where reading stands. A new object after each rest, so that a read that
  // was under way then cannot move the new one.
  let place: { at: number | null; readonly ready: Promise<number> } | null = null
  let wanted = false
  let reading = false
  let closed = false
  let timer: NodeJS.Timeout | null = null

  const wake = (): void => {
    if (place === null || closed) return
    wanted = true
    if (!reading) void read()
  }

  const complain = (error: unknown, what: string): void => {
    logger.warn({ cause: error instanceof Error ? error.name : 'unknown' }, what)
  }

  const read = async (): Promise<void> => {
    reading = true
    while (wanted && !closed) {
      wanted = false
      try {
        await readOn()
      } catch (error) {
        complain(error, 'the journal could not be read')
        await new Promise((resolve) => setTimeout(resolve, retryMs).unref())
        wanted = followers.size > 0
      }
    }
    reading = false
  }

  /** Whoever committed, and whoever else follows, has nothing to do with one that breaks. */
  const tell = (follower: Follower, entry: ChangeLogSlice['changes'][number]): void => {
    try {
      follower(entry)
    } catch (error) {
      complain(error, 'a follower of the journal broke')
    }
  }
  const rounds = createAdaptiveBatching<ChangeLogSlice['changes'][number]>((entries) => {
    for (const entry of entries) for (const follower of followers) tell(follower, entry)
  })

  const readOn = async (): Promise<void> => {
    const here = place
    if (!here) return
    await here.ready
    for (let full = true; full && here === place; ) {
      const slice = await changeLog.read(here.at ?? 0, pageSize)
      if (here !== place) return
      here.at = slice.lastSeq
      full = slice.hasMore
      rounds.add(slice.changes)
    }
  }

  const begin = (): NonNullable<typeof place> => {
    const ready = changeLog.bounds().then(({ head }) => {
      here.at = head
      return head
    })
    const here: NonNullable<typeof place> = { at: null, ready }
    if (changeLog.shared) timer ??= setInterval(wake, bus.shared ? safetyPollMs : pollMs).unref()
    return here
  }

  const rest = (): void => {
    place = null
    rounds.clear()
    if (timer) clearInterval(timer)
    timer = null
  }

  /** What this process journalled itself, and what comes next, need not be read. */
  const takeOwn = ({ firstSeq, lastSeq, changes }: ChangeLogCommit): boolean => {
    if (place === null || reading || place.at !== firstSeq - 1) return false
    place.at = lastSeq
    rounds.add(changes())
    return true
  }

  const stopOwn = changeLog.onCommitted((commit) => {
    // Taken before it is told of: the local bus comes back here at once, and would have it read.
    if (!takeOwn(commit)) wake()
    bus.publish(commit.lastSeq)
  })
  const stopBus = bus.listen((seq) => {
    if (seq > (place?.at ?? 0)) wake()
  })

  return {
    async follow(follower) {
      followers.add(follower)
      const stop = (): void => {
        followers.delete(follower)
        if (followers.size === 0) rest()
      }
      try {
        place ??= begin()
        const from = place.at ?? (await place.ready)
        wake()
        return { from, stop }
      } catch (error) {
        rest()
        stop()
        throw error
      }
    },
    close() {
      closed = true
      rest()
      stopOwn()
      stopBus()
    },
  }
}

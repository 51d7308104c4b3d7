import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const rounds = 6

type CollectGarbage = (options: { readonly type: 'minor' | 'major' }) => void

/**
 * The bytes that each run leaves in the old generation, where only a full garbage collection frees them. Objects that are
 * unreachable at a minor collection are freed by it and do not count. `runsPerRound`: few where a fault would promote much, because a full
 * collection between two measurements would hide it.
 */
export async function promotedBytesPerRun(run: () => Promise<unknown>, runsPerRound = 400): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as CollectGarbage
  const repeat = async (): Promise<void> => {
    for (let done = 0; done < runsPerRound; done++) await run()
    // An object that survives the first minor collection is promoted by the second.
    collectGarbage({ type: 'minor' })
    collectGarbage({ type: 'minor' })
  }
  // Compiled code and what is created once do not count.
  for (let done = 0; done < 1200; done += runsPerRound) await repeat()
  collectGarbage({ type: 'major' })
  const before = oldGenerationBytes()
  for (let round = 0; round < rounds; round++) await repeat()
  return (oldGenerationBytes() - before) / (rounds * runsPerRound)
}

function oldGenerationBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')!.space_used_size
}

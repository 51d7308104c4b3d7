import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const [rounds, runs] = [6, 400]

type Collect = (options: { readonly type: 'minor' }) => void

/**
 * How many bytes each run leaves in the old generation, where only a collection of everything finds them: what is dead when the young
 * are collected has been collected with them.
 */
export async function keptOfEach(run: () => Promise<unknown>): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as Collect
  const collectYoung = (): void => {
    // Whoever survives the first is only promoted by the second.
    collect({ type: 'minor' })
    collect({ type: 'minor' })
  }
  const repeat = async (): Promise<void> => {
    for (let done = 0; done < runs; done++) await run()
    collectYoung()
  }
  // Compiled code and what is made once.
  for (let round = 0; round < 3; round++) await repeat()
  const before = oldBytes()
  for (let round = 0; round < rounds; round++) await repeat()
  return (oldBytes() - before) / (rounds * runs)
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')!.space_used_size
}

export interface BatcherOptions<Item, Result> {
  /** Handles a batch; the results are in the order of the items. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>
  readonly maxItems: number
  readonly maxBytes: number
  readonly sizeOf: (item: Item) => number
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly size: number
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers what comes while the batch before is under way, so that a burst shares one commit and a single item
 * waits for nobody.
 */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>) {
  const queue: Waiting<Item, Result>[] = []
  let waitingBytes = 0
  let running = false

  const take = (): Waiting<Item, Result>[] => {
    let bytes = 0
    let count = 0
    for (const { size } of queue) {
      if (count > 0 && (count >= options.maxItems || bytes + size > options.maxBytes)) break
      bytes += size
      count += 1
    }
    waitingBytes -= bytes
    return queue.splice(0, count)
  }

  const runBatch = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await options.run(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, index) => void resolve(results[index] as Result))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  const drain = async (): Promise<void> => {
    if (running) return
    running = true
    while (queue.length > 0) await runBatch(take())
    running = false
  }

  return {
    add(item: Item): Promise<Result> {
      const size = options.sizeOf(item)
      waitingBytes += size
      return new Promise((resolve, reject) => {
        queue.push({ item, size, resolve, reject })
        void drain()
      })
    },
    /** Bytes that wait for a batch. */
    waitingBytes: () => waitingBytes,
  }
}

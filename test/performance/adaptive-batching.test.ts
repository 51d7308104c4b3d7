import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { createAdaptiveBatching } from '../../src/performance/adaptive-batching.ts'

function keepEventLoopBusy(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

function collectBatches({ busyMs = 0 } = {}) {
  const batches: number[][] = []
  const batching = createAdaptiveBatching<number>((items) => {
    batches.push([...items])
    keepEventLoopBusy(busyMs)
  })
  return { batches, batching }
}

test('the first items are delivered at once', () => {
  const { batches, batching } = collectBatches()
  batching.dispatch([1, 2])
  expect(batches).toEqual([[1, 2]])
})

test('items that come during a long batch are delivered together, in order', async () => {
  const { batches, batching } = collectBatches({ busyMs: 20 })
  batching.dispatch([1])
  batching.dispatch([2])
  await nextTurn()
  batching.dispatch([3, 4])
  expect(batches).toEqual([[1]])
  await vi.waitFor(() => expect(batches).toEqual([[1], [2, 3, 4]]))
})

test('delivery goes on after a batch, with the items that waited and with later ones', async () => {
  const { batches, batching } = collectBatches()
  batching.dispatch([1])
  batching.dispatch([2])
  await vi.waitFor(() => expect(batches).toEqual([[1], [2]]))
  await sleep(20)
  batching.dispatch([3])
  await vi.waitFor(() => expect(batches).toEqual([[1], [2], [3]]))
})

test('clear drops the items that wait', async () => {
  const { batches, batching } = collectBatches()
  batching.dispatch([1])
  batching.dispatch([2])
  batching.clear()
  await sleep(20)
  batching.dispatch([3])
  await vi.waitFor(() => expect(batches).toEqual([[1], [3]]))
})

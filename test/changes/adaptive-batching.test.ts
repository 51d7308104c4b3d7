import { expect, it, vi } from 'vitest'
import { createAdaptiveBatching } from '../../src/changes/adaptive-batching.ts'

const workFor = (ms: number) => {
  for (const until = performance.now() + ms; performance.now() < until; );
}

it('hands over at once what comes while nothing is going on', () => {
  const seen: number[][] = []
  const rounds = createAdaptiveBatching<number>((items) => void seen.push([...items]))
  rounds.add([1, 2])
  expect(seen).toEqual([[1, 2]])
})

it('hands over together, in order, what comes while a round keeps everybody busy', async () => {
  const seen: number[][] = []
  const rounds = createAdaptiveBatching<number>((items) => {
    seen.push([...items])
    workFor(20)
  })
  rounds.add([1])
  rounds.add([2])
  await new Promise(setImmediate)
  rounds.add([3, 4])
  expect(seen).toEqual([[1]])
  await vi.waitFor(() => expect(seen).toEqual([[1], [2, 3, 4]]))
})

it('goes on after a round, with what came in between and with what comes later', async () => {
  const seen: number[][] = []
  const rounds = createAdaptiveBatching<number>((items) => void seen.push([...items]))
  rounds.add([1])
  rounds.add([2])
  await vi.waitFor(() => expect(seen).toEqual([[1], [2]]))
  await new Promise((resolve) => setTimeout(resolve, 20))
  rounds.add([3])
  await vi.waitFor(() => expect(seen).toEqual([[1], [2], [3]]))
})

it('drops what waits when nobody wants it any more', async () => {
  const seen: number[][] = []
  const rounds = createAdaptiveBatching<number>((items) => void seen.push([...items]))
  rounds.add([1])
  rounds.add([2])
  rounds.clear()
  await new Promise((resolve) => setTimeout(resolve, 20))
  rounds.add([3])
  await vi.waitFor(() => expect(seen).toEqual([[1], [3]]))
})

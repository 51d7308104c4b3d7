import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { BoundedQueue } from '../../src/changes/bounded-queue.ts'

function createQueue(capacity = 10) {
  const abort = new AbortController()
  const queue = new BoundedQueue<number>({ capacity, signal: abort.signal, slowConsumerError: () => new Error('too slow') })
  const nextBatch = async () => (await queue.next()).value ?? null
  return { queue, abort, nextBatch }
}

test('the consumer gets everything that waits as one batch in order, also when it waited first', async () => {
  const { queue, nextBatch } = createQueue()
  queue.push(1)
  queue.push(2)
  expect(await nextBatch()).toEqual([1, 2])
  const waiting = nextBatch()
  queue.push(3)
  queue.push(4)
  expect(await waiting).toEqual([3, 4])
})

test('poll never waits', async () => {
  const { queue } = createQueue()
  expect(queue.poll()).toBeUndefined()
  const ready = queue.ready()
  queue.push(1)
  expect(queue.poll()).toEqual([1])
  expect(await ready).toBe(true)
  expect(queue.poll()).toBeUndefined()
})

test('a consumer that is too slow gets the items that fitted, then the error', async () => {
  const { queue, nextBatch } = createQueue(2)
  for (const item of [1, 2, 3, 4]) queue.push(item)
  expect(await nextBatch()).toEqual([1, 2])
  await expect(nextBatch()).rejects.toThrow('too slow')
})

test('after cancel the consumer gets what waits and then the end', async () => {
  const { queue, abort, nextBatch } = createQueue()
  queue.push(1)
  queue.cancel()
  queue.push(2)
  expect(await nextBatch()).toEqual([1])
  expect(await nextBatch()).toBeNull()
  expect(getEventListeners(abort.signal, 'abort')).toEqual([])
})

test('the signal ends the queue at once, whether the consumer waits or items do', async () => {
  const { abort, nextBatch } = createQueue()
  const waiting = nextBatch()
  abort.abort()
  expect(await waiting).toBeNull()
  const filled = createQueue()
  filled.queue.push(1)
  filled.abort.abort()
  expect(await filled.nextBatch()).toBeNull()
  expect(filled.queue.poll()).toBeUndefined()
})

test('a signal that has aborted before gives an ended queue that listens to nothing', async () => {
  const abort = new AbortController()
  abort.abort()
  const queue = new BoundedQueue<number>({ capacity: 1, signal: abort.signal, slowConsumerError: () => new Error('too slow') })
  queue.push(1)
  expect(await queue.next()).toEqual({ done: true, value: undefined })
  expect(getEventListeners(abort.signal, 'abort')).toEqual([])
})

test('a consumer that is told of an overflow gets the error although no item waits', async () => {
  const { queue, nextBatch } = createQueue(0)
  const waiting = nextBatch()
  queue.push(1)
  await expect(waiting).rejects.toThrow('too slow')
  expect(queue.poll).toThrow()
})

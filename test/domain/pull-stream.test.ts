import { expect, test } from 'vitest'
import { PullStream, singleValueStream } from '../../src/domain/pull-stream.ts'

/** Streams these numbers; 13 throws. */
class Numbers extends PullStream<number> {
  readonly #numbers: number[]
  cancelled = 0

  constructor(numbers: readonly number[]) {
    super()
    this.#numbers = [...numbers]
  }

  poll(): number | undefined {
    const number = this.#numbers.shift()
    if (number === 13) throw new Error('unlucky')
    return number
  }

  async ready(): Promise<boolean> {
    return this.#numbers.length > 0
  }

  cancel(): void {
    this.cancelled += 1
  }
}

test('a pull stream is an async iterator, and is cancelled at its end and when its reader leaves', async () => {
  const read = new Numbers([1, 2])
  const seen: number[] = []
  for await (const number of read) seen.push(number)
  expect(seen).toEqual([1, 2])
  expect(read.cancelled).toBe(1)
  const left = new Numbers([1, 2])
  for await (const number of left) if (number === 1) break
  expect(left.cancelled).toBe(1)
})

test('an error of a pull stream rejects its reader and cancels it', async () => {
  const broken = new Numbers([1, 13, 2])
  expect(await broken.next()).toEqual({ done: false, value: 1 })
  await expect(broken.next()).rejects.toThrow('unlucky')
  expect(broken.cancelled).toBe(1)
})

test('a single value stream gives the value of its promise once, or its error', async () => {
  const once = singleValueStream(Promise.resolve('it'))
  expect(once.poll()).toBeUndefined()
  expect(await once.next()).toEqual({ done: false, value: 'it' })
  expect(await once.next()).toEqual({ done: true, value: undefined })
  await expect(singleValueStream(Promise.reject(new Error('gone'))).next()).rejects.toThrow('gone')
})

test('a single value stream that was cancelled gives no value', async () => {
  const cancelled = singleValueStream(Promise.resolve('it'))
  cancelled.cancel()
  expect(await cancelled.next()).toEqual({ done: true, value: undefined })
})

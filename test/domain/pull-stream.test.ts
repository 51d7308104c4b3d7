import { expect, test } from 'vitest'
import { PullStream, singleValueStream } from '../../src/domain/pull-stream.ts'

class Numbers extends PullStream<number> {
  readonly #numbers: number[]
  ended = 0

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
    this.ended += 1
  }
}

test('is read like any other stream, and is told when its reader leaves', async () => {
  const whole = new Numbers([1, 2])
  const seen: number[] = []
  for await (const number of whole) seen.push(number)
  expect(seen).toEqual([1, 2])
  expect(whole.ended).toBe(1)
  const left = new Numbers([1, 2])
  for await (const number of left) if (number === 1) break
  expect(left.ended).toBe(1)
})

test('its error reaches the reader and ends it', async () => {
  const broken = new Numbers([1, 13, 2])
  expect(await broken.next()).toEqual({ done: false, value: 1 })
  await expect(broken.next()).rejects.toThrow('unlucky')
  expect(broken.ended).toBe(1)
})

test('one thing comes once, or breaks', async () => {
  const once = singleValueStream(Promise.resolve('it'))
  expect(once.poll()).toBeUndefined()
  expect(await once.next()).toEqual({ done: false, value: 'it' })
  expect(await once.next()).toEqual({ done: true, value: undefined })
  await expect(singleValueStream(Promise.reject(new Error('gone'))).next()).rejects.toThrow('gone')
})

import { expect, test } from 'vitest'
import { BoundedQueue } from '../../src/changes/bounded-queue.ts'

function open(maxWaiting = 10) {
  const ending = new AbortController()
  const mailbox = new BoundedQueue<number>({ maxWaiting, signal: ending.signal, tooSlow: () => new Error('too slow') })
  const take = async () => (await mailbox.next()).value ?? null
  return { mailbox, ending, take }
}

test('everything that waits comes at once and in order; a reader that waits is woken', async () => {
  const { mailbox, take } = open()
  mailbox.put(1)
  mailbox.put(2)
  expect(await take()).toEqual([1, 2])
  const next = take()
  mailbox.put(3)
  mailbox.put(4)
  expect(await next).toEqual([3, 4])
})

test('whoever takes what is at hand does not wait', async () => {
  const { mailbox } = open()
  expect(mailbox.poll()).toBeUndefined()
  const arrived = mailbox.ready()
  mailbox.put(1)
  expect(mailbox.poll()).toEqual([1])
  expect(await arrived).toBe(true)
  expect(mailbox.poll()).toBeUndefined()
})

test('a reader that lets too much wait gets what it was given, then the error', async () => {
  const { mailbox, take } = open(2)
  for (const item of [1, 2, 3, 4]) mailbox.put(item)
  expect(await take()).toEqual([1, 2])
  await expect(take()).rejects.toThrow('too slow')
})

test('its end ends the reader after what waits', async () => {
  const { mailbox, take } = open()
  mailbox.put(1)
  mailbox.cancel()
  mailbox.put(2)
  expect(await take()).toEqual([1])
  expect(await take()).toBeNull()
})

test('the signal ends a reader at once, also one that waits', async () => {
  const { ending, take } = open()
  const waiting = take()
  ending.abort()
  expect(await waiting).toBeNull()
  const full = open()
  full.mailbox.put(1)
  full.ending.abort()
  expect(await full.take()).toBeNull()
  expect(full.mailbox.poll()).toBeUndefined()
})

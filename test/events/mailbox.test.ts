import { expect, test } from 'vitest'
import { createMailbox } from '../../src/events/mailbox.ts'

function open(maxWaiting = 10) {
  const ending = new AbortController()
  const mailbox = createMailbox<number>({ maxWaiting, signal: ending.signal, tooSlow: () => new Error('too slow') })
  return { mailbox, ending }
}

test('everything that waits comes at once and in order; a reader that waits is woken', async () => {
  const { mailbox } = open()
  mailbox.put(1)
  mailbox.put(2)
  expect(await mailbox.take()).toEqual([1, 2])
  const next = mailbox.take()
  mailbox.put(3)
  expect(await next).toEqual([3])
})

test('a reader that lets too much wait gets what it was given, then the error', async () => {
  const { mailbox } = open(2)
  for (const item of [1, 2, 3, 4]) mailbox.put(item)
  expect(await mailbox.take()).toEqual([1, 2])
  await expect(mailbox.take()).rejects.toThrow('too slow')
})

test('closing ends the reader after what waits', async () => {
  const { mailbox } = open()
  mailbox.put(1)
  mailbox.close()
  mailbox.put(2)
  expect(await mailbox.take()).toEqual([1])
  expect(await mailbox.take()).toBeNull()
})

test('the signal ends a reader at once, also one that waits', async () => {
  const { mailbox, ending } = open()
  const waiting = mailbox.take()
  ending.abort()
  expect(await waiting).toBeNull()
  const full = open()
  full.mailbox.put(1)
  full.ending.abort()
  expect(await full.mailbox.take()).toBeNull()
  expect(full.mailbox.aborted).toBe(true)
})

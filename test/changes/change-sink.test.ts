import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { startChangeSink } from '../../src/changes/change-sink.ts'
import type { ChangeStream } from '../../src/domain/events.ts'
import { singleValueStream } from '../../src/domain/pull-stream.ts'
import { noLogger } from '../../src/domain/telemetry.ts'

test('a sink that pauses between its attempts leaves no listener on its abort signal', async () => {
  const listeners: number[] = []
  const { promise: pausedTwice, resolve } = Promise.withResolvers<void>()
  const feed: ChangeStream = {
    // Ends after no change, so that the sink pauses and subscribes again.
    subscribe({ signal }) {
      listeners.push(getEventListeners(signal, 'abort').length)
      if (listeners.length === 3) resolve()
      return singleValueStream(Promise.resolve([]))
    },
    subscriberCount: () => 1,
    onSubscribed: () => () => {},
  }
  const sink = startChangeSink({
    name: 'test',
    holder: 'this replica',
    feed,
    checkpoints: { findCheckpoint: async () => null, saveCheckpoint: async () => {} },
    leases: { acquire: async () => true, release: async () => {} },
    toLine: () => null,
    deliver: async () => {},
    logger: noLogger,
  })
  await pausedTwice
  await sink.stop()
  expect(listeners).toEqual([0, 0, 0])
})

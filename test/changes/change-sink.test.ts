import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { type ChangeSinkDeps, startChangeSink } from '../../src/changes/change-sink.ts'
import { noLogger } from '../../src/domain/telemetry.ts'

test('a sink that pauses between its attempts leaves no listener on its abort signal', async () => {
  const listeners: number[] = []
  const { promise: pausedTwice, resolve } = Promise.withResolvers<void>()
  const deps = {
    name: 'test',
    holder: 'this replica',
    logger: noLogger,
    toLine: () => null,
    deliver: async () => {},
    store: {
      leases: { acquire: async () => true, release: async () => {} },
      events: { findCheckpoint: async () => null },
    },
    feed: {
      // Ends after no change, so that the sink pauses and subscribes again.
      async *subscribe({ signal }: { readonly signal: AbortSignal }) {
        listeners.push(getEventListeners(signal, 'abort').length)
        if (listeners.length === 3) resolve()
        yield []
      },
    },
  }
  const sink = startChangeSink(deps as unknown as ChangeSinkDeps)
  await pausedTwice
  await sink.stop()
  expect(listeners).toEqual([0, 0, 0])
})

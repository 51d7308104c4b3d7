import { randomUUID } from 'node:crypto'
import { createFileTarget, startChangeSink } from '../changes/change-sink.ts'
import { toWasabiEnvelope } from '../sources/wasabi/envelope.ts'
import type { Base } from './build-base.ts'
import type { Supply } from './build-supply.ts'
import type { Closing } from './closing.ts'

/** Starts what follows every change and hands it on, one replica at a time for each sink. */
export function startSinks({ config, store, logger }: Base, { events }: Supply, closing: Closing): void {
  const holder = randomUUID()
  for (const { name, file } of config.sinks) {
    const sink = startChangeSink({
      name,
      feed: events.changes,
      checkpoints: store.events,
      leases: store.leases,
      toLine: ({ kind, ticket }) => JSON.stringify(toWasabiEnvelope(ticket, kind === 'CREATED' ? 'CREATED' : 'UPDATED')),
      deliver: createFileTarget(file),
      holder,
      logger,
    })
    closing.add(sink.stop)
  }
}

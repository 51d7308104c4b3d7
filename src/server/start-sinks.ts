import { randomUUID } from 'node:crypto'
import { createFileWriter, startChangeSink } from '../changes/change-sink.ts'
import { findPlugin } from '../sources/registry.ts'
import type { Base } from './build-base.ts'
import type { Supply } from './build-supply.ts'
import type { Closing } from './closing.ts'

/** Starts what follows every change and hands it on, one replica at a time for each sink. */
export function startSinks({ config, store, logger }: Base, { events }: Supply, closing: Closing): void {
  const holder = randomUUID()
  for (const { type, name, file } of config.sinks) {
    const format = findPlugin(type)?.ticketFormat
    if (!format) throw new Error(`no plugin writes the format ${type}`)
    const sink = startChangeSink({
      name,
      changes: events.changes,
      checkpoints: store.events,
      leases: store.leases,
      toLine: ({ kind, ticket }) => format.toLine(ticket, kind === 'CREATED' ? 'CREATED' : 'UPDATED'),
      writeLine: createFileWriter(file),
      holder,
      logger,
    })
    closing.add(sink.stop)
  }
}

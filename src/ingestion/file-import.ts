import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { type Clock, now } from '../domain/clock.ts'
import { createSplitter, detectLayout, type Layout, type SplitRecord } from '../sources/json-splitter.ts'
import type { WebhookHandler } from '../sources/webhook-handler.ts'
import { reduceEvents } from './event-reducer.ts'
import type { ClaimedEvent, EventStore, EventTransaction, NewDeadLetter, PendingEvent } from './event-store.ts'
import { toReceivedEvent } from './received-event.ts'

/** How many records were applied, changed nothing, or became dead letters. */
export interface ImportCounts {
  readonly kept: number
  readonly unchanged: number
  readonly quarantined: number
}

export interface ImportProgress extends ImportCounts {
  /** How many bytes of the file are imported. */
  readonly offset: number
  /** How many bytes the file has. */
  readonly size: number
}

export interface ImportDeps {
  readonly events: EventStore
  readonly webhookHandler: WebhookHandler
  readonly clock: Clock
  /** Called after each batch. */
  readonly onProgress?: (progress: ImportProgress) => void
}

/** Stored as JSON after each batch. */
interface Checkpoint extends ImportCounts {
  readonly layout: Layout
  readonly offset: number
  readonly done: boolean
}

interface ImportFile {
  readonly path: string
  readonly size: number
  readonly head: Buffer
  /** The name of its checkpoint: another source, path, size or beginning makes it another file. */
  readonly checkpointName: string
}

interface Batch {
  readonly records: readonly SplitRecord[]
  /** The offset in the file after the last record. */
  readonly end: number
}

const maxRecordsPerBatch = 200
const maxBytesPerBatch = 256 * 1024
const maxRecordBytes = 1024 * 1024
const headBytes = 64 * 1024

/**
 * Imports a file of events: NDJSON, a list, `{"tickets": […]}` or JSON values one after another, of any size, in constant memory.
 * Each batch commits together with its checkpoint, so that an import that was killed continues there. An import of a file that was
 * finished before begins again and finds its tickets unchanged.
 */
export async function importEvents(deps: ImportDeps, path: string): Promise<ImportCounts> {
  const file = await openFile(path, deps.webhookHandler.source.key)
  const saved = (await deps.events.findCheckpoint(file.checkpointName)) as Checkpoint | null
  const { layout, start } = detectLayout(file.head)
  const fresh = { layout, offset: start, done: false, kept: 0, unchanged: 0, quarantined: 0 }
  let checkpoint: Checkpoint = saved && !saved.done ? saved : fresh
  for await (const batch of readBatches(file, checkpoint)) {
    checkpoint = await importBatch(deps, file, checkpoint, batch)
    deps.onProgress?.({ ...checkpoint, size: file.size })
  }
  await deps.events.saveCheckpoint(file.checkpointName, { ...checkpoint, offset: file.size, done: true })
  const { kept, unchanged, quarantined } = checkpoint
  return { kept, unchanged, quarantined }
}

async function openFile(path: string, sourceKey: string): Promise<ImportFile> {
  const realPath = await realpath(path)
  await using file = await open(realPath)
  const { size } = await file.stat()
  const head = Buffer.alloc(Math.min(headBytes, size))
  await file.read(head, 0, head.length, 0)
  const digest = createHash('sha256')
    .update(JSON.stringify([sourceKey, realPath, size]))
    .update(head)
    .digest('hex')
  return { path: realPath, size, head, checkpointName: `import:${digest}` }
}

async function* readBatches(file: ImportFile, { layout, offset }: Checkpoint): AsyncGenerator<Batch> {
  const splitter = createSplitter(layout, { maxBytes: maxRecordBytes, offset })
  let records: SplitRecord[] = []
  let bytes = 0
  const nextBatch = (): Batch => {
    const batch = { records, end: records.at(-1)?.end ?? offset }
    records = []
    bytes = 0
    return batch
  }
  const stream: AsyncIterable<Buffer> = createReadStream(file.path, { start: offset, highWaterMark: 64 * 1024 })
  for await (const chunk of stream) {
    for (const record of splitter.push(chunk)) {
      records.push(record)
      bytes += record.bytes.length
      if (records.length >= maxRecordsPerBatch || bytes >= maxBytesPerBatch) yield nextBatch()
    }
  }
  records.push(...splitter.finish())
  if (records.length > 0) yield nextBatch()
}

/** Commits the effects of the records and the checkpoint after them. */
async function importBatch(deps: ImportDeps, file: ImportFile, from: Checkpoint, { records, end }: Batch): Promise<Checkpoint> {
  const { pending, deadLetters } = decodeRecords(deps, records)
  return deps.events.transaction(async (tx) => {
    const claimed = await claimTickets(tx, pending)
    await tx.insertDeadLetters(deadLetters)
    const { effects } = await reduceEvents(tx, claimed, new Map([[deps.webhookHandler.source.key, deps.webhookHandler]]))
    const { tickets, processed, changes } = effects
    const applied = processed.filter(({ state }) => state === 'APPLIED').length
    const refused = processed.filter(({ state }) => state === 'QUARANTINED').length
    const next = {
      ...from,
      offset: end,
      kept: from.kept + applied,
      unchanged: from.unchanged + processed.length - applied - refused,
      quarantined: from.quarantined + deadLetters.length + refused,
    }
    await tx.saveCheckpoint(file.checkpointName, next)
    // Imported events are not in the inbox, so none is marked as processed there.
    await tx.saveEffects({ tickets, processed: [], changes })
    return next
  })
}

/** Locks the tickets of the events and reads them. Locks come first in a transaction. */
async function claimTickets(tx: EventTransaction, pending: readonly PendingEvent[]): Promise<readonly ClaimedEvent[]> {
  const refs = pending.map((event) => ({ kind: 'ticket', ...event }) as const)
  await tx.lockTickets(refs)
  const stored = await tx.findTickets(refs)
  return pending.map((event, index) => ({ ...event, stored: stored[index] ?? null }))
}

function decodeRecords(
  { webhookHandler, clock }: ImportDeps,
  records: readonly SplitRecord[],
): { readonly pending: readonly PendingEvent[]; readonly deadLetters: readonly NewDeadLetter[] } {
  const sourceKey = webhookHandler.source.key
  const receivedAt = now(clock)
  const pending: PendingEvent[] = []
  const deadLetters: NewDeadLetter[] = []
  for (const [id, { bytes, truncated }] of records.entries()) {
    if (truncated) {
      const problem = `The record is longer than ${maxRecordBytes} bytes, so only its beginning is kept. Split it and import it again.`
      deadLetters.push({ sourceKey, eventId: null, raw: bytes, problem, receivedAt })
      continue
    }
    const received = toReceivedEvent(webhookHandler, { raw: bytes, eventId: null }, receivedAt)
    if (received.kind === 'deadLetter') deadLetters.push(received.deadLetter)
    else pending.push({ ...received.event, id, repeatedAt: null, firstDigest: null })
  }
  return { pending, deadLetters }
}

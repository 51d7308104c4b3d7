import { type Clock, now } from '../domain/clock.ts'
import { detectLayout, type Layout, type SplitRecord } from '../sources/json-splitter.ts'
import type { WebhookHandler } from '../sources/webhook-handler.ts'
import { reduceEvents } from './event-reducer.ts'
import type { ClaimedEvent, EventStore, EventTransaction, NewDeadLetter, PendingEvent } from './event-store.ts'
import { openImportFile } from './import-reader.ts'
import { type Range, readRecords } from './import-records.ts'
import { toReceivedEvent } from './received-event.ts'

/** How many records were applied, changed nothing, or became dead letters. */
export interface ImportCounts {
  readonly kept: number
  readonly unchanged: number
  readonly quarantined: number
}

export interface ImportProgress extends ImportCounts {
  /** How many bytes of the file are read. */
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
  /** What is left of the file, the next part last. */
  readonly ranges: readonly Range[]
  readonly done: boolean
}

/** As version 0.1 stored it: the rest of the file had one layout. */
interface OldCheckpoint extends Omit<Checkpoint, 'ranges'> {
  readonly layout: Layout
  readonly offset: number
}

interface Batch {
  readonly records: readonly SplitRecord[]
  /** What is left behind the last record. */
  readonly ranges: readonly Range[]
}

const maxRecordsPerBatch = 200
const maxBytesPerBatch = 256 * 1024
const maxRecordBytes = 1024 * 1024

/**
 * Imports a file of events, of any size, in constant memory: NDJSON, JSON values one after another, lists, and pages of an export
 * (`PageScanner`). Each batch commits together with its checkpoint, so that an import that was killed continues there. An import of a file
 * that was finished before begins again and finds its tickets unchanged. Throws ImportProblem for what is no file of JSON text, and the
 * system's error for a file that cannot be read.
 */
export async function importEvents(deps: ImportDeps, path: string): Promise<ImportCounts> {
  const { source, recordKey } = deps.webhookHandler
  const file = await openImportFile(path, source.key)
  const checkpointName = `import:${file.digest}`
  const saved = (await deps.events.findCheckpoint(checkpointName)) as Checkpoint | OldCheckpoint | null
  const beginning: Range = { layout: detectLayout(file.head), offset: 0, end: null, inPage: false }
  let checkpoint: Checkpoint = { ranges: [beginning], done: false, kept: 0, unchanged: 0, quarantined: 0 }
  if (saved && !saved.done) checkpoint = toCheckpoint(saved)
  for await (const batch of toBatches(readRecords(file, { recordKey, maxRecordBytes }, checkpoint.ranges))) {
    checkpoint = await importBatch(deps, checkpointName, checkpoint, batch)
    const { kept, unchanged, quarantined } = checkpoint
    deps.onProgress?.({ kept, unchanged, quarantined, offset: file.position(), size: file.size })
  }
  await deps.events.saveCheckpoint(checkpointName, { ...checkpoint, ranges: [], done: true })
  const { kept, unchanged, quarantined } = checkpoint
  return { kept, unchanged, quarantined }
}

function toCheckpoint(saved: Checkpoint | OldCheckpoint): Checkpoint {
  if ('ranges' in saved) return saved
  const { layout, offset, ...counts } = saved
  return { ...counts, ranges: [{ layout, offset, end: null, inPage: false }] }
}

async function* toBatches(records: ReturnType<typeof readRecords>): AsyncGenerator<Batch> {
  let batch: SplitRecord[] = []
  let bytes = 0
  let ranges: readonly Range[] = []
  for await (const { record, rest } of records) {
    batch.push(record)
    bytes += record.bytes.length
    ranges = rest
    if (batch.length < maxRecordsPerBatch && bytes < maxBytesPerBatch) continue
    yield { records: batch, ranges }
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield { records: batch, ranges }
}

/** Commits the effects of the records and the checkpoint after them. */
async function importBatch(
  deps: ImportDeps,
  checkpointName: string,
  from: Checkpoint,
  { records, ranges }: Batch,
): Promise<Checkpoint> {
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
      ranges,
      kept: from.kept + applied,
      unchanged: from.unchanged + processed.length - applied - refused,
      quarantined: from.quarantined + deadLetters.length + refused,
    }
    await tx.saveCheckpoint(checkpointName, next)
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

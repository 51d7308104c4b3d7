import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { type Clock, now } from '../domain/clock.ts'
import { type Cut, createSplitter, detectLayout, type Layout } from '../sources/json-splitter.ts'
import type { WebhookHandler } from '../sources/webhook-handler.ts'
import { reduceEvents } from './event-reducer.ts'
import type { EventStore, NewDeadLetter, PendingEvent } from './event-store.ts'
import { readEvent } from './read-request.ts'

export interface ImportCounts {
  readonly kept: number
  readonly unchanged: number
  readonly quarantined: number
}

export interface ImportProgress extends ImportCounts {
  /** Bytes of the file that are done, and all of them. */
  readonly offset: number
  readonly size: number
}

export interface ImportDeps {
  readonly events: EventStore
  readonly webhookHandler: WebhookHandler
  readonly clock: Clock
  readonly onProgress?: (progress: ImportProgress) => void
}

interface Checkpoint extends ImportCounts {
  readonly layout: Layout
  readonly offset: number
  readonly done: boolean
}

/** Records per transaction, and the most bytes of one. */
const recordsPerBatch = 200
const bytesPerBatch = 256 * 1024
const maxRecordBytes = 1024 * 1024
const headBytes = 64 * 1024

interface ImportFile {
  readonly path: string
  readonly size: number
  readonly head: Buffer
  /** The same file under the same name, by its size and beginning. */
  readonly checkpoint: string
}

async function openFile(path: string, sourceKey: string): Promise<ImportFile> {
  const real = await realpath(path)
  await using file = await open(real)
  const { size } = await file.stat()
  const head = Buffer.alloc(Math.min(headBytes, size))
  await file.read(head, 0, head.length, 0)
  const digest = createHash('sha256')
    .update(JSON.stringify([sourceKey, real, size]))
    .update(head)
    .digest('hex')
  return { path: real, size, head, checkpoint: `import:${digest}` }
}

/**
 * Imports a file of events: NDJSON, a list, `{"tickets": […]}` or envelopes one after another, of any size, in constant
 * memory. Every batch commits with its place in the file, so that an import that was killed goes on where it
 * stopped; one that was finished begins anew and finds its tickets unchanged.
 */
export async function importEvents(deps: ImportDeps, path: string): Promise<ImportCounts> {
  const file = await openFile(path, deps.webhookHandler.source.key)
  const left = (await deps.events.findCheckpoint(file.checkpoint)) as Checkpoint | null
  const { layout, start } = detectLayout(file.head)
  let at: Checkpoint = left && !left.done ? left : { layout, offset: start, done: false, kept: 0, unchanged: 0, quarantined: 0 }
  for await (const { cuts, end } of readBatches(file, at)) {
    at = await importBatch(deps, file, at, cuts, end)
    deps.onProgress?.({ ...at, size: file.size })
  }
  await deps.events.transaction((tx) => tx.saveCheckpoint(file.checkpoint, { ...at, offset: file.size, done: true }))
  const { kept, unchanged, quarantined } = at
  return { kept, unchanged, quarantined }
}

async function* readBatches(file: ImportFile, { layout, offset }: Checkpoint): AsyncGenerator<{ cuts: Cut[]; end: number }> {
  const splitter = createSplitter(layout, { maxBytes: maxRecordBytes, offset })
  let cuts: Cut[] = []
  let bytes = 0
  const take = () => {
    const batch = { cuts, end: cuts.at(-1)?.end ?? offset }
    cuts = []
    bytes = 0
    return batch
  }
  const stream: AsyncIterable<Buffer> = createReadStream(file.path, { start: offset, highWaterMark: 64 * 1024 })
  for await (const chunk of stream) {
    for (const cut of splitter.push(chunk)) {
      cuts.push(cut)
      bytes += cut.bytes.length
      if (cuts.length >= recordsPerBatch || bytes >= bytesPerBatch) yield take()
    }
  }
  cuts.push(...splitter.finish())
  if (cuts.length > 0) yield take()
}

/** One transaction: the records' effects and the place behind them. */
async function importBatch(
  deps: ImportDeps,
  file: ImportFile,
  from: Checkpoint,
  cuts: readonly Cut[],
  end: number,
): Promise<Checkpoint> {
  const { pending, held } = readCuts(deps, cuts)
  return deps.events.transaction(async (tx) => {
    const refs = pending.map((event) => ({ kind: 'ticket', ...event }) as const)
    await tx.lockTickets(refs)
    await tx.insertDeadLetters(held)
    const kept = await tx.findTickets(refs)
    const claimed = pending.map((event, index) => ({ ...event, stored: kept[index] ?? null }))
    const { effects } = await reduceEvents(tx, claimed, new Map([[deps.webhookHandler.source.key, deps.webhookHandler]]))
    const { processed, tickets, changes } = effects
    const applied = processed.filter(({ state }) => state === 'APPLIED').length
    const refused = processed.filter(({ state }) => state === 'QUARANTINED').length
    const next = {
      ...from,
      offset: end,
      kept: from.kept + applied,
      unchanged: from.unchanged + processed.length - applied - refused,
      quarantined: from.quarantined + held.length + refused,
    }
    await tx.saveCheckpoint(file.checkpoint, next)
    // These events never were in the inbox.
    await tx.saveEffects({ tickets, processed: [], changes })
    return next
  })
}

function readCuts(
  { webhookHandler, clock }: ImportDeps,
  cuts: readonly Cut[],
): { pending: PendingEvent[]; held: NewDeadLetter[] } {
  const receivedAt = now(clock)
  const pending: PendingEvent[] = []
  const held: NewDeadLetter[] = []
  for (const [id, { bytes, truncated }] of cuts.entries()) {
    if (truncated) {
      const problem = `The record is longer than ${maxRecordBytes} bytes; this is its beginning.`
      held.push({ sourceKey: webhookHandler.source.key, eventId: null, raw: bytes, problem, receivedAt })
      continue
    }
    const read = readEvent(webhookHandler, { raw: bytes, eventId: null }, receivedAt)
    if (read.kind === 'held') held.push(read.held)
    else pending.push({ ...read.event, id, repeatedAt: null, firstDigest: null })
  }
  return { pending, held }
}

import { SingleBar } from 'cli-progress'
import type { Clock } from '../domain/clock.ts'
import type { EventStore } from '../ingestion/event-store.ts'
import { type ImportCounts, type ImportProgress, importEvents } from '../ingestion/file-import.ts'
import type { WebhookHandler } from '../sources/webhook-handler.ts'

export interface ImportCommand {
  readonly files: readonly string[]
  /** The source's intake; a lenient one mends trailing commas and no-break spaces. */
  readonly webhookHandler: WebhookHandler
  readonly events: EventStore
  readonly clock: Clock
  /** The counts go to `out`, the progress bar to `err` when that is a terminal. */
  readonly out: NodeJS.WritableStream
  readonly err: NodeJS.WriteStream
}

function createBar(err: NodeJS.WriteStream, file: string): SingleBar | null {
  if (!err.isTTY) return null
  const format = `${file} [{bar}] {percentage}% | kept {kept}, unchanged {unchanged}, quarantined {quarantined} | {eta_formatted} left`
  return new SingleBar({ format, stream: err, hideCursor: true })
}

async function importFile({ err, ...deps }: ImportCommand, file: string): Promise<ImportCounts> {
  const bar = createBar(err, file)
  let started = false
  const onProgress = (progress: ImportProgress): void => {
    const { kept, unchanged, quarantined } = progress
    if (!started) bar?.start(progress.size, 0, { kept, unchanged, quarantined })
    started = true
    bar?.update(progress.offset, { kept, unchanged, quarantined })
  }
  try {
    return await importEvents({ ...deps, onProgress }, file)
  } finally {
    bar?.stop()
  }
}

/** `deskgraph import wasabi FILE…`: every file in turn, each ending in its counts. Returns the sum. */
export async function runImport(command: ImportCommand): Promise<ImportCounts> {
  const sum = { kept: 0, unchanged: 0, quarantined: 0 }
  for (const file of command.files) {
    const counts = await importFile(command, file)
    command.out.write(`${file}: ${counts.kept} kept, ${counts.unchanged} unchanged, ${counts.quarantined} quarantined\n`)
    sum.kept += counts.kept
    sum.unchanged += counts.unchanged
    sum.quarantined += counts.quarantined
  }
  return sum
}

import { SingleBar } from 'cli-progress'
import type { Environment } from '../config/read-yaml.ts'
import { type Clock, systemClock } from '../domain/clock.ts'
import type { EventStore } from '../ingestion/event-store.ts'
import { type ImportCounts, type ImportProgress, importEvents } from '../ingestion/file-import.ts'
import { ImportProblem } from '../ingestion/import-reader.ts'
import { findPlugin } from '../sources/registry.ts'
import type { WebhookHandler } from '../sources/webhook-handler.ts'
import { fail } from './fail.ts'
import { type CommandScope, withStore } from './with-store.ts'

/** The options of `deskgraph import`. */
export interface ImportOptions {
  /** The key of a source of the system. It may be absent when the configuration has one such source. */
  readonly source?: string | undefined
  /** Repairs the faults that the vendor's own examples have. */
  readonly lenient?: boolean | undefined
}

/**
 * `deskgraph import <system> FILE…`: stores events from files. It resumes where an earlier import of the file stopped. The exit code is 1
 * when a file could not be read, or when nothing of it is in the store.
 */
export function importEventFiles(
  system: string,
  files: readonly string[],
  options: ImportOptions,
  environment: Environment,
): Promise<void> {
  const plugin = findPlugin(system)
  const createHandler = plugin?.createImportHandler?.bind(plugin) ?? fail(`Events of "${system}" cannot be imported.`)
  return withStore(environment, async (scope) => {
    const { key, config } = findSourceOf(scope, system, options.source)
    const webhookHandler = createHandler(key, config, { lenient: options.lenient ?? false })
    const { events } = scope.store
    const isComplete = await runImport({
      files,
      webhookHandler,
      events,
      clock: systemClock,
      out: process.stdout,
      err: process.stderr,
    })
    if (!isComplete) process.exitCode = 1
  })
}

/** The one source of the system that the options mean. Ends the process when there is none or several. */
function findSourceOf({ config }: CommandScope, system: string, key: string | undefined) {
  const candidates = Object.entries(config.sources).flatMap(([name, source]) =>
    source.system === system && (key === undefined || name === key) ? [{ key: name, config: source }] : [],
  )
  const [only] = candidates
  if (!only) fail(key === undefined ? `No ${system} source is configured.` : `There is no ${system} source "${key}".`)
  if (candidates.length > 1) fail(`There are several ${system} sources: name one with --source.`)
  return only
}

/** What an import needs. */
export interface ImportCommand {
  readonly files: readonly string[]
  /** Decodes the events of the source. */
  readonly webhookHandler: WebhookHandler
  readonly events: EventStore
  readonly clock: Clock
  /** Receives the counts of each file. */
  readonly out: NodeJS.WritableStream
  /** Receives the progress bar when it is a terminal. */
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

/**
 * Imports the files one after the other, and prints the counts of each or why it cannot be read. True when something of every file is in
 * the store: applied now, or known before.
 */
export async function runImport(command: ImportCommand): Promise<boolean> {
  let isComplete = true
  for (const file of command.files) {
    try {
      const { kept, unchanged, quarantined } = await importFile(command, file)
      command.out.write(`${file}: ${kept} kept, ${unchanged} unchanged, ${quarantined} quarantined\n`)
      if (kept + unchanged > 0) continue
      command.err.write(`${file}: nothing was kept. ${quarantined > 0 ? 'The quarantine says why.' : 'It holds no record.'}\n`)
    } catch (error) {
      command.err.write(`${file}: ${describeFault(error)}\n`)
    }
    isComplete = false
  }
  return isComplete
}

/** Throws every error that is not about the file. */
function describeFault(error: unknown): string {
  if (error instanceof ImportProblem) return error.message
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall !== undefined && code !== undefined) return `it cannot be read (${code}).`
  throw error
}

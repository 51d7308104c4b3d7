import type { Viewer } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { maySee } from '../domain/permissions.ts'
import type { TicketSource } from '../sources/source.ts'
import type { Sources } from './types.ts'

/** The sources that exist for this viewer. */
export function visibleSources(all: readonly TicketSource[], viewer: Viewer): Sources {
  const visible = all.filter((source) => maySee(viewer, source.info.key))
  const byKey = new Map(visible.map((source) => [source.info.key, source]))
  return { all: visible, get: (key) => byKey.get(key) }
}

/** The named sources in the configured order; null or none named: all. An unknown one is BAD_USER_INPUT, named. */
export function chooseSources(sources: Sources, keys: readonly string[] | null): readonly TicketSource[] {
  if (keys === null || keys.length === 0) return sources.all
  const unknown = keys.find((key) => sources.get(key) === undefined)
  if (unknown !== undefined) throw new DeskgraphError('BAD_USER_INPUT', `There is no source "${unknown.slice(0, 100)}".`)
  return sources.all.filter((source) => keys.includes(source.info.key))
}

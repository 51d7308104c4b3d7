import type { Call } from '../domain/call.ts'
import type { Clock } from '../domain/clock.ts'
import type { Answer } from './http-client/types.ts'
import { badResponse, readRefused } from './http-client/upstream-error.ts'
import type { LoginOf } from './identity-map.ts'
import type { VendorApi } from './vendor-api.ts'

/** Lists that belong to an installation and change rarely: its statuses, priorities, projects, fields and people. */
export interface InstallationTables {
  /**
   * The table of this name, as this viewer's account sees it. It is at most a minute old, and not older than the question where
   * `isEnough` says that it lacks something. Rejects as `load` does; then nothing is kept.
   */
  read<T>(name: string, call: Call, load: (call: Call) => Promise<T>, isEnough?: (table: T) => boolean): Promise<T>
}

/** Changes of an administrator are seen after this long. */
const maxAgeMs = 60_000
/** Tables of many viewers: the oldest are dropped first. */
const maxTables = 2_000

interface Entry {
  readonly table: unknown
  readonly readAt: number
}

/** `loginOf`: as whom the source is called; null: no viewer has an account of their own, so that all share the tables. */
export function createInstallationTables({
  loginOf,
  clock,
}: {
  readonly loginOf: LoginOf | null
  readonly clock: Clock
}): InstallationTables {
  const entries = new Map<string, Entry>()

  function keep(key: string, table: unknown): void {
    // Deleted first, so that the order of the map is the order of reading.
    entries.delete(key)
    entries.set(key, { table, readAt: clock() })
    const [oldest] = entries.keys()
    if (entries.size > maxTables && oldest !== undefined) entries.delete(oldest)
  }

  return {
    async read<T>(name: string, call: Call, load: (call: Call) => Promise<T>, isEnough: (table: T) => boolean = () => true) {
      const key = JSON.stringify([name, loginOf?.(call.viewer) ?? null])
      const known = entries.get(key)
      // The key names the type: each table is read and kept by one function.
      const table = known?.table as T | undefined
      if (known && table !== undefined && clock() - known.readAt < maxAgeMs && isEnough(table)) return table
      const loaded = await load(call)
      keep(key, loaded)
      return loaded
    },
  }
}

/** A look-up: its decoded answer. Throws for an answer that is refused, or in which `decode` finds nothing. */
export async function lookUp<T>(
  { info, upstream }: Pick<VendorApi<unknown, unknown>, 'info' | 'upstream'>,
  path: string,
  decode: (body: unknown) => T | null,
  call: Call,
): Promise<T> {
  const found = await lookUpIfAny({ info, upstream }, path, decode, call)
  if (found === null) throw readRefused(info, 403)
  return found
}

/** The same; null where there is none or the viewer may not see it (404, 403). */
export function lookUpIfAny<T>(
  { info, upstream }: Pick<VendorApi<unknown, unknown>, 'info' | 'upstream'>,
  path: string,
  decode: (body: unknown) => T | null,
  call: Call,
): Promise<T | null> {
  const toResult = ({ status, body }: Answer) => {
    if (status === 403 || status === 404) return null
    if (status >= 400) throw readRefused(info, status)
    const decoded = decode(body)
    if (decoded === null) throw badResponse(info)
    return decoded
  }
  return upstream.read({ operation: 'lookup', path, toResult }, call)
}

import { DeskgraphError, type ErrorCode } from '../../domain/errors.ts'

/** Throws when a measure is over its limit; says both, and the limit's name in the configuration. */
export function refuseOver(code: ErrorCode, what: string, measured: number, limit: number, setting: string): void {
  if (measured <= limit) return
  const shown = Number.isSafeInteger(measured) ? String(measured) : 'far too many'
  throw new DeskgraphError(code, `${what}: ${shown}, allowed: ${limit} (limits.${setting}).`)
}

import { DeskgraphError } from '../domain/errors.ts'

// Connection faults, shutdown, resources (53100 disk full, 53300 too many connections), statement and lock timeouts, I/O.
const unavailable = /^(08...|57P0.|53...|57014|55P03|58...)$/
const retryable = new Set(['40001', '40P01'])

/** An SQLSTATE, where the fault has one. */
function sqlState(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null
}

/** A deadlock or serialisation failure: the same transaction may succeed when it is run again. */
export function isRetryable(error: unknown): boolean {
  return retryable.has(sqlState(error) ?? '')
}

/**
 * What a fault of the database means to a caller: STORAGE_UNAVAILABLE when the database cannot serve now (no SQLSTATE
 * means that the connection itself failed); anything else is a defect of ours and stays as it is.
 */
export function toStorageError(error: unknown): unknown {
  if (error instanceof DeskgraphError) return error
  const state = sqlState(error)
  if (state !== null && !unavailable.test(state)) return error
  return new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be used now; try again shortly.', {
    retryAfter: 1,
    cause: error,
  })
}

import { test } from 'vitest'
import type { RowId } from './row-ids.ts'

declare module 'vitest' {
  interface TaskMeta {
    row?: Row
  }
}

/** One line of the table that a run ends with. */
export interface Row {
  readonly id: RowId
  /** What was done to the gateway. */
  readonly done: string
  readonly expected: string
  /** What was seen; absent while the test has not passed. */
  came?: string
}

/**
 * A promise as a test, whose name begins with the promise's id. `prove` asserts, and gives in a few words what it saw, for the
 * table at the end of the run.
 */
export function row(
  id: RowId,
  { timeoutMs, ...told }: { readonly done: string; readonly expected: string; readonly timeoutMs?: number },
  prove: () => Promise<string>,
): void {
  const options = timeoutMs === undefined ? {} : { timeout: timeoutMs }
  test(`${id} ${told.done} → ${told.expected}`, options, async ({ task }) => {
    const entry: Row = { id, ...told }
    task.meta.row = entry
    entry.came = await prove()
  })
}

import { test } from 'vitest'
import type { GuaranteeId } from './guarantee-ids.ts'

declare module 'vitest' {
  interface TaskMeta {
    guarantee?: GuaranteeRun
  }
}

/** One line of the table at the end of a run. */
export interface GuaranteeRun {
  readonly id: GuaranteeId
  /** What the test did to the gateway. */
  readonly fault: string
  readonly expected: string
  /** What the test observed. Absent while it has not passed. */
  observed?: string
}

/** What a guarantee says, and how long its test may take. */
export interface GuaranteeOptions {
  readonly fault: string
  readonly expected: string
  readonly timeoutMs?: number
}

/**
 * A guarantee of docs/guarantees.md as a test. The name of the test begins with the id. `prove` asserts and returns in a few
 * words what it observed, for the table at the end of the run.
 */
export function guarantee(id: GuaranteeId, { timeoutMs, ...texts }: GuaranteeOptions, prove: () => Promise<string>): void {
  const options = timeoutMs === undefined ? {} : { timeout: timeoutMs }
  test(`${id} ${texts.fault} → ${texts.expected}`, options, async ({ task }) => {
    const run: GuaranteeRun = { id, ...texts }
    task.meta.guarantee = run
    run.observed = await prove()
  })
}

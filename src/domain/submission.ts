import { createHash } from 'node:crypto'

/** What makes two submissions of a routed ticket the same one when no id says so. */
export interface Submission {
  readonly category: string | null
  readonly subcategory: string | null
  readonly comments: string | null
  readonly storeId: string | null
  readonly orderId: string | null
}

/** For how long an echo without an id is looked for. */
export const echoWindowMs = 10 * 60_000

/** The same for the same submission, and no personal data in it. */
export function submissionFingerprint(submission: Submission): string {
  const { category, subcategory, comments, storeId, orderId } = submission
  const parts = [category, subcategory, comments, storeId, orderId]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

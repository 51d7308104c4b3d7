/** What every write says of its key. */
export const idempotencyKey =
  'Any text of yours, e.g. a UUID per click. The same key with the same input gives the stored answer and sends nothing; with another input it is a CONFLICT.'

// JSON with whole numbers of 64 bits. Zendesk's ids may be larger than 2^53, where a JavaScript number loses digits.

/** The id of any record: a JSON number, read and written without the loss of a digit. */
export type Id = bigint

// The types of TypeScript's library do not have it yet.
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** The value as JSON. A `bigint` becomes a number. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? rawJSON(String(part)) : part))
}

/** The value of a JSON text. A whole number that a JavaScript number cannot hold becomes a `bigint`. Throws a SyntaxError. */
export function fromJson(text: string): unknown {
  const revive = (_: string, part: unknown, context?: { readonly source?: string }): unknown => {
    const isLarge = typeof part === 'number' && Number.isInteger(part) && !Number.isSafeInteger(part)
    return isLarge && /^-?\d+$/.test(context?.source ?? '') ? BigInt(context!.source!) : part
  }
  return JSON.parse(text, revive)
}

/** The id in a number, a `bigint` or a text of digits; else undefined. */
export function toId(value: unknown): Id | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  return typeof value === 'string' && /^\d{1,19}$/.test(value) ? BigInt(value) : undefined
}

/** The ids in a list such as `1,2,3`, without what is no id. */
export function toIds(list: string | null): Id[] {
  return (list ?? '').split(',').flatMap((part) => toId(part.trim()) ?? [])
}

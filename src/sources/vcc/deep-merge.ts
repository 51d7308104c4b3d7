const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * `over` laid upon `base`: what it does not name stays, null clears, lists are replaced, records are merged deep.
 * Neither is changed. A key `__proto__` is left out.
 */
export function deepMerge(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    if (key === '__proto__') continue
    const known = merged[key]
    merged[key] = isRecord(value) && isRecord(known) ? deepMerge(known, value) : value
  }
  return merged
}

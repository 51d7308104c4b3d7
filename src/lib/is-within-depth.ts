/** As deep as an event may be. */
const mostLevels = 64

/**
 * Is this JSON value nested no deeper than what people and programs mean to say? Whoever walks or writes out a deeper one
 * runs out of stack, and JSON.parse itself does not mind.
 */
export function isWithinDepth(value: object, levels = mostLevels): boolean {
  if (levels === 0) return false
  const items = value as Readonly<Record<string, unknown>>
  for (const key in items) {
    const item = items[key]
    if (typeof item === 'object' && item !== null && !isWithinDepth(item, levels - 1)) return false
  }
  return true
}

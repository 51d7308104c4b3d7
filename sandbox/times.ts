// The vendors' formats of a time. Every function takes milliseconds since 1970.

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** Midnight UTC of the day. */
export function startOfDay(epochMs: number): number {
  return Math.floor(epochMs / dayMs) * dayMs
}

/** Whole seconds since 1970, as OneView writes them. */
export function toEpochSeconds(epochMs: number): number {
  return Math.floor(epochMs / 1000)
}

/** "2024-01-15T10:30:00Z" */
export function toIsoSeconds(epochMs: number): string {
  return `${toIsoLocal(epochMs)}Z`
}

/** "2024-01-15T10:30:00.000Z" */
export function toIsoMillis(epochMs: number): string {
  return new Date(epochMs).toISOString()
}

/** "2024-02-06T10:00:00": without an offset, as in Wasabi's example. */
export function toIsoLocal(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19)
}

/** "2024-02-15T15:46:46+01:00": the local time at an offset east of UTC. */
export function toIsoOffset(epochMs: number, offsetHours: number): string {
  return `${toIsoLocal(epochMs + offsetHours * hourMs)}+${String(offsetHours).padStart(2, '0')}:00`
}

// How the vendors write a moment. Every function takes milliseconds since 1970.

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** Midnight UTC of the day. */
export function startOfDay(epochMs: number): number {
  return Math.floor(epochMs / dayMs) * dayMs
}

/** OneView: whole seconds. */
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

/** "2024-02-06T10:00:00": no offset at all, as Wasabi's example has it. */
export function toIsoLocal(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19)
}

/** "2024-02-15T15:46:46+01:00": the local time at an offset east of UTC. */
export function toIsoOffset(epochMs: number, offsetHours: number): string {
  return `${toIsoLocal(epochMs + offsetHours * hourMs)}+${String(offsetHours).padStart(2, '0')}:00`
}

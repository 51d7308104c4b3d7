// Jira writes and reads times in the zone of the account that asks.

const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  })
  formats.set(zone, format)
  return format
}

/** The zone's distance from UTC at that time, in minutes east. Offsets change on the quarter of an hour at most. */
export function offsetMinutes(zone: string, epochMs: number): number {
  const quarter = Math.floor(epochMs / 900_000)
  const name = `${zone}/${quarter}`
  const known = offsets.get(name)
  if (known !== undefined) return known
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(quarter * 900_000)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  const offset = Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - quarter * 900_000) / 60_000)
  offsets.set(name, offset)
  return offset
}

/** The time as Jira prints it: "2024-11-29T10:44:51.887-0800". */
export function toJiraTime(epochMs: number, zone: string): string {
  const offset = offsetMinutes(zone, epochMs)
  const local = new Date(epochMs + offset * 60_000).toISOString().slice(0, 23)
  const distance = Math.abs(offset)
  const digits = (value: number) => String(value).padStart(2, '0')
  return `${local}${offset < 0 ? '-' : '+'}${digits(Math.floor(distance / 60))}${digits(distance % 60)}`
}

/** The instant of a local time, given as if it were UTC. A time that a clock change skips is read with the offset before it. */
export function fromLocal(localAsUtcMs: number, zone: string): number {
  const guess = localAsUtcMs - offsetMinutes(zone, localAsUtcMs) * 60_000
  return localAsUtcMs - offsetMinutes(zone, guess) * 60_000
}

/** The service desk API's four forms of one time. */
export function toDeskDate(epochMs: number, zone: string) {
  const jira = toJiraTime(epochMs, zone)
  const {
    day = '',
    month = '',
    year = '',
  } = Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, day: '2-digit', month: 'short', year: '2-digit' })
      .formatToParts(epochMs)
      .map(({ type, value }) => [type, value]),
  )
  const hour = Number(jira.slice(11, 13))
  const clock = `${hour % 12 === 0 ? 12 : hour % 12}:${jira.slice(14, 16)} ${hour < 12 ? 'AM' : 'PM'}`
  return {
    iso8601: `${jira.slice(0, 19)}${jira.slice(23)}`,
    jira,
    friendly: `${day}/${month}/${year} ${clock}`,
    epochMillis: epochMs,
  }
}

/** The service desk API's two forms of a duration. It may be negative. */
export function toDeskDuration(millis: number) {
  const minutes = Math.trunc(Math.abs(millis) / 60_000)
  const hours = Math.floor(minutes / 60)
  return { millis, friendly: `${millis < 0 ? '-' : ''}${hours > 0 ? `${hours}h ` : ''}${minutes % 60}m` }
}

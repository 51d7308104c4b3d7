/**
 * A time in UTC as ISO 8601 text with milliseconds, always 24 characters ("2024-02-15T14:46:46.000Z"). Text order is time order,
 * and JSON keeps it unchanged.
 */
export type Instant = string

const dayMs = 86_400_000
/** The first 11 characters ("2024-02-15T") of days that occurred. The times of a page lie on few days. */
const dates = new Map<number, string>()
const maxDates = 20_000
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))

/**
 * The instant of a number of milliseconds since 1970. Throws RangeError outside the years 0 to 9999. `toISOString` for each time
 * takes 5 % of the processor time of a page.
 */
export function toInstant(epochMs: number): Instant {
  const ms = Math.trunc(epochMs)
  const day = Math.floor(ms / dayMs)
  const msOfDay = ms - day * dayMs
  const seconds = Math.floor(msOfDay / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const time = `${twoDigits[hours]}:${twoDigits[minutes - hours * 60]}:${twoDigits[seconds - minutes * 60]}`
  return `${dates.get(day) ?? addDate(day, epochMs)}${time}.${String(msOfDay - seconds * 1000).padStart(3, '0')}Z`
}

function addDate(day: number, epochMs: number): string {
  const text = new Date(day * dayMs).toISOString()
  if (text.length !== 24) throw new RangeError(`${epochMs} ms is outside the years 0 to 9999`)
  const date = text.slice(0, 11)
  if (dates.size < maxDates) dates.set(day, date)
  return date
}

/** Milliseconds since 1970. */
export function toEpochMs(instant: Instant): number {
  return Date.parse(instant)
}

/** A time that was read from text. */
export interface ReadTime {
  readonly instant: Instant
  /** False: the text names no offset, and was read as UTC. */
  readonly hasOffset: boolean
}

const timeText =
  /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:[Zz]|[+-]\d\d(?::\d\d(?::\d\d)?|\d\d(?:\d\d)?)?)(?:\[[\w.+/=:-]+\])*)?$/
const daysPerMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
/** The days before each month of a year that begins in March, so that the leap day is the last one. */
const daysBefore = [306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275]
const secondMs = 1000
const minuteMs = 60_000
const hourMs = 3_600_000
const [firstMs, lastMs] = [-62_167_219_200_000, 253_402_300_799_999]

/**
 * Reads a time as ISO 8601, RFC 3339, RFC 9557, PostgreSQL and Java write it: a date and a time with a `T` or a blank between, in any
 * case; seconds and their fraction (after a point or a comma) may be absent; then `Z`, an offset (`+01:00`, `+0100`, `+01`,
 * `+01:02:03`), or nothing, which is read as UTC. Behind an offset there may be tags in brackets (`[Europe/Paris]`), which do not
 * change the instant; a tag with the critical mark `!` has to be understood (RFC 9557, section 3.3), so it makes the text no time.
 * Fractions are cut to milliseconds. 24:00 is the end of the day. A leap second (23:59:60 UTC at the end of a month) is the second
 * behind it, as in POSIX. null: another form, a day, hour or offset that does not exist, or a year outside of 0000 to 9999.
 *
 * After the pattern has matched, the digits are read by their places: groups and `Date.UTC` take twice the time.
 */
export function readTime(text: string): ReadTime | null {
  if (!timeText.test(text)) return null
  const hasSecond = text[16] === ':'
  const fractionEnd = hasSecond ? findFractionEnd(text) : 16
  const [hour, minute, second] = [digitsAt(text, 11), digitsAt(text, 14), hasSecond ? digitsAt(text, 17) : 0]
  const ms = fractionEnd > 20 ? Number(text.slice(20, Math.min(fractionEnd, 23)).padEnd(3, '0')) : 0
  const isEndOfDay = hour === 24 && minute + second === 0 && !/[1-9]/.test(text.slice(19, fractionEnd))
  if ((hour > 23 && !isEndOfDay) || minute > 59 || second > 60) return null
  const offset = readOffset(text, text[fractionEnd] === ' ' ? fractionEnd + 1 : fractionEnd)
  const day = toDay(digitsAt(text, 0) * 100 + digitsAt(text, 2), digitsAt(text, 5), digitsAt(text, 8))
  if (day === null || offset === null) return null
  const epochMs = day * dayMs + hour * hourMs + minute * minuteMs + second * secondMs + ms - offset
  if (second === 60 && !isBehindMonth(epochMs)) return null
  return epochMs >= firstMs && epochMs <= lastMs ? { instant: toInstant(epochMs), hasOffset: fractionEnd < text.length } : null
}

/** The number of two digits. */
function digitsAt(text: string, at: number): number {
  return text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528
}

function findFractionEnd(text: string): number {
  if (text[19] !== '.' && text[19] !== ',') return 19
  let end = 20
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end += 1
  return end
}

/** The number of a day since 1970; null: the month has no such day. */
function toDay(year: number, month: number, day: number): number | null {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = month === 2 && isLeapYear ? 29 : (daysPerMonth[month - 1] ?? 0)
  if (day < 1 || day > days) return null
  // From 1 March of the year 0, which is 719,468 days before 1970.
  const years = month < 3 ? year - 1 : year
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  return years * 365 + leapDays + daysBefore[month - 1]! + day - 1 - 719_468
}

/** In milliseconds; null: there is no such offset. */
function readOffset(text: string, at: number): number | null {
  const sign = text[at]
  if (sign !== '+' && sign !== '-') return 0
  const step = text[at + 3] === ':' ? 3 : 2
  const [hours, minutes, seconds] = [
    digitsAt(text, at + 1),
    digitsOrZero(text, at + 1 + step),
    digitsOrZero(text, at + 1 + 2 * step),
  ]
  if (hours > 23 || minutes > 59 || seconds > 59) return null
  const ms = hours * hourMs + minutes * minuteMs + seconds * secondMs
  return sign === '-' ? -ms : ms
}

/** 0 where the text ends, or a tag begins. */
function digitsOrZero(text: string, at: number): number {
  const number = digitsAt(text, at)
  return number <= 99 ? number : 0
}

/** True within the first second of a month, which a leap second is counted as. */
function isBehindMonth(epochMs: number): boolean {
  return toInstant(epochMs).slice(8, 20) === '01T00:00:00.'
}

const formats = new Map<string, Intl.DateTimeFormat>()

/**
 * A time as a program writes it that takes local times without an offset as UTC and subtracts the offset that its zone has then, such as
 * "2026-03-01 13:00:00"; null: no text means this time, because the clocks were put back.
 */
export function toLocalText(epochSeconds: number, timeZone: string): string | null {
  const candidates = [epochSeconds, epochSeconds + offsetAt(epochSeconds, timeZone), epochSeconds - 86_400, epochSeconds + 86_400]
  for (const at of candidates) {
    const local = epochSeconds + offsetAt(at, timeZone)
    if (local - offsetAt(local, timeZone) === epochSeconds)
      return new Date(local * 1000).toISOString().slice(0, 19).replace('T', ' ')
  }
  return null
}

/** In seconds. */
function offsetAt(epochSeconds: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  formats.set(timeZone, format)
  return Date.parse(`${format.format(epochSeconds * 1000).replace(' ', 'T')}Z`) / 1000 - epochSeconds
}

import { dayMs, hourMs, minuteMs } from '../times.ts'
import type { JqlOperand } from './jql-parse.ts'
import { JqlError } from './jql-parse.ts'
import { fromLocal, offsetMinutes } from './times.ts'

const units: Readonly<Record<string, number>> = { w: 7 * dayMs, d: dayMs, h: hourMs, m: minuteMs }

/** The moment that a query is read at, and the zone of the account that asks. */
export interface JqlClock {
  readonly now: number
  readonly zone: string
}

/**
 * The instant of an operand. A date or minute is in the account's zone: "2026-03-01", "2026/03/01 10:44". A whole number is
 * milliseconds since 1970. "-90m", "1d" and "-1w 2d" are from now. Seconds and zones are not possible.
 */
export function toInstant(field: string, operand: JqlOperand, clock: JqlClock): number {
  if (operand.kind === 'call') return callDate(operand.name, operand.args, clock)
  const text = operand.kind === 'literal' ? operand.text.trim() : ''
  if (/^-?\d{6,}$/.test(text)) return Number(text)
  const relative = readRelative(text)
  if (relative !== null) return clock.now + relative
  const [, year, month, day, hour = '0', minute = '0'] =
    /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?: (\d{1,2}):(\d{2}))?$/.exec(text) ?? []
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute))
  if (year === undefined || Number.isNaN(local) || new Date(local).getUTCDate() !== Number(day)) {
    throw new JqlError(
      `Date value '${text}' for field '${field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.`,
    )
  }
  return fromLocal(local, clock.zone)
}

/** "-1w 2d" as milliseconds, or null. The sign holds for all parts. */
function readRelative(text: string): number | null {
  const match = /^([+-]?)((?:\d+[wdhm]\s*)+)$/.exec(text)
  if (!match) return null
  const sum = [...match[2]!.matchAll(/(\d+)([wdhm])/g)].reduce(
    (total, [, count, unit]) => total + Number(count) * units[unit!]!,
    0,
  )
  return match[1] === '-' ? -sum : sum
}

/** `now()`, and the start and end of the day, week, month and year, moved by an argument such as "-1d" or -1 of the unit. */
function callDate(name: string, args: readonly string[], { now, zone }: JqlClock): number {
  if (name === 'now') return now
  const match = /^(startof|endof)(day|week|month|year)$/.exec(name)
  if (!match) throw new JqlError(`Unable to find JQL function '${name}(${args.join(', ')})'.`)
  const local = new Date(now + offsetMinutes(zone, now) * minuteMs)
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()]
  const ends = match[1] === 'endof' ? 1 : 0
  const argument = args[0] ?? ''
  const steps = /^[+-]?\d+$/.test(argument) ? Number(argument) : 0
  const moved = ends + steps
  const starts: Readonly<Record<string, number>> = {
    day: Date.UTC(year, month, day + moved),
    week: Date.UTC(year, month, day - local.getUTCDay() + 7 * moved),
    month: Date.UTC(year, month + moved, 1),
    year: Date.UTC(year + moved, 0, 1),
  }
  return fromLocal(starts[match[2]!]!, zone) - ends + (steps === 0 ? (readRelative(argument) ?? 0) : 0)
}

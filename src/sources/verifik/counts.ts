import type { Call } from '../../domain/call.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse } from '../http-client/upstream-error.ts'
import type { CountRequest, TallyGroup, TicketFilter, TicketTally } from '../source.ts'
import { notOffered } from '../vendor-api.ts'
import type { Vocabulary } from '../vocabulary.ts'
import { maxCallsPerCount } from './capabilities.ts'
import { toCountsByStatus } from './decode.ts'
import type { Verifik } from './index.ts'
import { priorities, statuses } from './mapping.ts'
import { decodePage } from './queries.ts'

/** One value of each condition, as the list's query has it. */
type Parameters = Readonly<Partial<Record<'status' | 'priority' | 'category', string>>>

/**
 * Counts by the totals of the list, each with a page of one ticket: Verifik takes one value of a condition at a time, so a count of
 * several values is the sum of one call for each combination. The calls are not one snapshot: a ticket that changes meanwhile may be
 * counted twice, or not at all.
 */
export async function countTickets(verifik: Verifik, { filter, by }: CountRequest, call: Call): Promise<TicketTally | null> {
  if (!verifik.config.capabilities.list) throw notOffered(verifik.info, 'listing tickets')
  const combinations = toCombinations(filter)
  if (combinations === null) return null
  const count = (parameters: Parameters) => readTotal(verifik, parameters, call)
  if (by === 'STATUS' && Object.keys(filter).length === 0) {
    const tally = await countByStatus(verifik, call)
    if (tally !== null) return tally
  }
  if (by === 'STATUS') return countByWords({ filter, combinations, name: 'status', vocabulary: statuses, count })
  if (by === 'PRIORITY') return countByWords({ filter, combinations, name: 'priority', vocabulary: priorities, count })
  if (combinations.length > maxCallsPerCount) return null
  const total = sum(await Promise.all(combinations.map(count)))
  // Every ticket of Verifik has this channel.
  const groups = by === 'CHANNEL' && total !== null ? [toGroup('WEB', total)] : []
  return { total, groups, complete: total !== null }
}

/** Every combination of values that the filter allows. null: Verifik cannot apply the filter. */
function toCombinations({ status, priority, category, ...others }: TicketFilter): readonly Parameters[] | null {
  if (Object.keys(others).length > 0) return null
  const statusWords = status && toWords(status, statuses)
  const priorityWords = priority && toWords(priority, priorities)
  if (statusWords === null || priorityWords === null) return null
  const withStatus = expand([{}], 'status', statusWords)
  return expand(expand(withStatus, 'priority', priorityWords), 'category', category ?? undefined)
}

/** Every word of these values. null: one of the values has words that are not known. */
function toWords(values: readonly string[], vocabulary: Vocabulary<string>): readonly string[] | null {
  if (values.includes('UNKNOWN')) return null
  return vocabulary.wordsOf(values)
}

function expand(
  combinations: readonly Parameters[],
  name: keyof Parameters,
  words: readonly string[] | undefined,
): readonly Parameters[] {
  if (words === undefined) return combinations
  return [...new Set(words)].flatMap((word) => combinations.map((parameters) => ({ ...parameters, [name]: word })))
}

interface WordCount {
  readonly filter: TicketFilter
  readonly combinations: readonly Parameters[]
  readonly name: 'status' | 'priority'
  readonly vocabulary: Vocabulary<string>
  readonly count: (parameters: Parameters) => Promise<number | null>
}

/** One call for each word, and one for all of them, which shows how many tickets have a word that is not known. */
async function countByWords({ filter, combinations, name, vocabulary, count }: WordCount): Promise<TicketTally | null> {
  const isFiltered = Boolean(filter[name])
  const ofWords = isFiltered ? combinations : expand(combinations, name, vocabulary.words)
  const ofAll = isFiltered ? [] : combinations
  if (ofWords.length + ofAll.length > maxCallsPerCount) return null
  const [counts, totals] = await Promise.all([Promise.all(ofWords.map(count)), Promise.all(ofAll.map(count))])
  const known = sum(counts)
  const total = isFiltered ? known : sum(totals)
  if (known === null || total === null) return { total: null, groups: [], complete: false }
  const words = ofWords.map((parameters, index) => [parameters[name]!, counts[index]!] as const)
  return toTally(words, total, vocabulary)
}

/** `counts` of the list, which has all tickets and ignores the filter. null: the answer has none. */
async function countByStatus(verifik: Verifik, call: Call): Promise<TicketTally | null> {
  const toResult = (answer: Answer) => ({ total: toTotal(verifik, answer), counts: toCountsByStatus(answer.body) })
  const { total, counts } = await readFirst(verifik, { countByStatus: 'true' }, toResult, call)
  return total === null || counts === null ? null : toTally(Object.entries(counts), total, statuses)
}

/** The tickets that no known word counts are UNKNOWN, or, of a field that may be empty, without a value: Verifik does not tell which. */
function toTally(
  counts: readonly (readonly [word: string, count: number])[],
  total: number,
  vocabulary: Vocabulary<string>,
): TicketTally {
  const byValue = new Map<string, number>()
  for (const [word, count] of counts) {
    const value = vocabulary.toValue(word)
    byValue.set(value, (byValue.get(value) ?? 0) + count)
  }
  const rest = total - [...byValue.values()].reduce((one, other) => one + other, 0)
  const unknown = (byValue.get('UNKNOWN') ?? 0) + Math.max(0, rest)
  const mayBeNone = vocabulary === priorities && unknown > 0
  byValue.delete('UNKNOWN')
  return {
    total,
    groups: [
      // More tickets than the total: some changed between the calls.
      ...[...byValue].map(([value, count]) => toGroup(value, count, rest >= 0)),
      toGroup('UNKNOWN', unknown, rest >= 0 && !mayBeNone),
      ...(mayBeNone ? [toGroup(null, 0, false)] : []),
    ],
    complete: true,
  }
}

function toGroup(key: string | null, count: number, exact = true): TallyGroup {
  return { key, label: null, count, exact }
}

function sum(counts: readonly (number | null)[]): number | null {
  return counts.reduce<number | null>((total, count) => (total === null || count === null ? null : total + count), 0)
}

function readTotal(verifik: Verifik, parameters: Parameters, call: Call): Promise<number | null> {
  return readFirst(verifik, parameters, (answer) => toTotal(verifik, answer), call)
}

function readFirst<T>(
  { config, upstream }: Verifik,
  parameters: Readonly<Record<string, string>>,
  toResult: (answer: Answer) => T,
  call: Call,
): Promise<T> {
  const path = `${config.paths.list}?${new URLSearchParams({ page: '1', limit: '1', ...parameters })}`
  return upstream.read({ operation: 'count', path, toResult }, call)
}

function toTotal(verifik: Verifik, answer: Answer): number | null {
  const page = decodePage(verifik, answer)
  if (page === null) throw badResponse(verifik.info)
  // An empty first page without a total, as the legacy API answers it, is the whole list.
  return page.total ?? (page.list.length === 0 ? 0 : null)
}

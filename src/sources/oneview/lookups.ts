import type { Call } from '../../domain/call.ts'
import { type JsonRecord, readKey, toId, toList, toNumber, toRecord, toText, toTexts } from '../decode.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import type { ContactReason, ContactReasonRequest, EscalationDepartment, ResolutionOption, TransferQueue } from '../source.ts'
import type { OneView } from './index.ts'
import { toLanguage } from './mapping.ts'

// The lists that writes choose from: departments, queues, resolution statuses and contact reasons.

interface Lookup<T> {
  /** The operation's name in metrics. */
  readonly operation: string
  readonly path: string
  /** null: the body is not what the document says. */
  readonly decode: (body: unknown) => T | null
}

/** Callers may share one read, so `decode` runs once per caller: each may want another language. */
async function readLookup<T>({ info, upstream }: OneView, { operation, path, decode }: Lookup<T>, call: Call): Promise<T> {
  const body = await upstream.read(
    {
      operation,
      path,
      toResult(answer): unknown {
        if (answer.status >= 400) throw readRefused(info, answer.status)
        return answer.body
      },
    },
    call,
  )
  const result = decode(body)
  if (result === null) throw badResponse(info)
  return result
}

export function escalationDepartments(oneView: OneView, call: Call): Promise<readonly EscalationDepartment[]> {
  const path = oneView.config.paths.escalationDepartments
  return readLookup(oneView, { operation: 'departments', path, decode: toDepartments }, call)
}

export function transferQueues(oneView: OneView, call: Call): Promise<readonly TransferQueue[]> {
  const path = oneView.config.paths.transferQueues
  return readLookup(oneView, { operation: 'queues', path, decode: toQueues }, call)
}

/** The vendor has no other text for a status than its code. */
export function resolutionStatuses(oneView: OneView, call: Call): Promise<readonly ResolutionOption[]> {
  const path = oneView.config.paths.resolutionStatuses
  return readLookup(oneView, { operation: 'resolutionStatuses', path, decode: toResolutions }, call)
}

/** With a search text: the reasons that OneView finds. Without: the tree from top to bottom. */
export async function contactReasons(
  oneView: OneView,
  { search, language, first }: ContactReasonRequest,
  call: Call,
): Promise<readonly ContactReason[]> {
  const { paths } = oneView.config
  if (first <= 0) return []
  const text = search?.trim() ?? ''
  const lookup: Lookup<readonly ContactReason[]> =
    text === ''
      ? { operation: 'contactReasons', path: paths.contactReasons, decode: (body) => flattenTree(body, language) }
      : {
          operation: 'contactReasonSearch',
          path: `${paths.contactReasonSearch}?q=${encodeURIComponent(text)}`,
          decode: (body) => toFoundReasons(body, language),
        }
  return (await readLookup(oneView, lookup, call)).slice(0, first)
}

/** A bare array of `{id, label}`. */
function toDepartments(body: unknown): readonly EscalationDepartment[] | null {
  return toList(body, (item) => {
    const record = toRecord(item)
    const key = record && toId(readKey(record, 'id'))
    return record && key !== null ? { key, label: toText(readKey(record, 'label')) ?? key } : null
  })
}

/** The vendor's `TransferQueueResponse`. */
function toQueues(body: unknown): readonly TransferQueue[] | null {
  return toList(toWrappedList(body), (item) => {
    const record = toRecord(item)
    const key = record && toId(readKey(record, 'id'))
    if (!record || key === null) return null
    return { key, name: toText(readKey(record, 'name')) ?? key, language: toLanguage(toText(readKey(record, 'language'))) }
  })
}

function toResolutions(body: unknown): readonly ResolutionOption[] | null {
  return toTexts(toWrappedList(body))?.map((key) => ({ key, label: key })) ?? null
}

/** The value of `{list: […]}`. */
function toWrappedList(body: unknown): unknown {
  const record = toRecord(body)
  return record && readKey(record, 'list')
}

/** The vendor's `SearchableCcrResponse`. With a language, reasons of another language are left out. */
function toFoundReasons(body: unknown, language: string | null): readonly ContactReason[] | null {
  const wanted = toLanguage(language)
  return toList(toWrappedList(body), (item) => {
    const record = toRecord(item)
    const data = record && toRecord(readKey(record, 'data'))
    if (!record || !data) return null
    const parents = toList(readKey(record, 'parents'), (parent) => toReason(toRecord(parent), [])) ?? []
    const reason = toReason(
      data,
      [...parents].sort((one, other) => one.level - other.level),
    )
    return reason && (wanted === null || reason.language === null || reason.language === wanted) ? reason : null
  })
}

/** The vendor's `SearchableCCR`. */
function toReason(record: JsonRecord | null, parents: readonly ContactReason[]): ContactReason | null {
  const code = record && toId(readKey(record, 'code'))
  if (!record || code === null) return null
  return {
    code,
    label: toText(readKey(record, 'translation')) ?? code,
    language: toLanguage(toText(readKey(record, 'language'))),
    level: toNumber(readKey(record, 'level')) ?? parents.length + 1,
    parents,
  }
}

/** The vendor's tree has three levels, and its type is recursive. Deeper levels of a broken answer are not read. */
const maxLevels = 8
/** More reasons than any market has: a broken answer is cut off. */
const maxReasons = 10_000

/**
 * The vendor's `CcrListResponse`, each reason after its parent. The label is in the requested language where the reason has it,
 * else in its first. The document does not say what holds the code: an object by code and a list with `code` are both read.
 */
function flattenTree(body: unknown, language: string | null): readonly ContactReason[] | null {
  const record = toRecord(body)
  const tiers = record && readKey(record, 'data')
  if (typeof tiers !== 'object' || tiers === null) return null
  const reasons: ContactReason[] = []
  collectTiers(tiers, [], toLanguage(language), reasons)
  return reasons
}

function collectTiers(
  tiers: unknown,
  parents: readonly ContactReason[],
  language: string | null,
  reasons: ContactReason[],
): void {
  if (parents.length >= maxLevels) return
  for (const [code, tier] of toTierEntries(tiers)) {
    if (reasons.length >= maxReasons) return
    const reason = { code, ...toTranslation(tier, code, language), level: parents.length + 1, parents }
    reasons.push(reason)
    collectTiers(readKey(tier, 'child'), [...parents, reason], language, reasons)
  }
}

function toTierEntries(tiers: unknown): readonly (readonly [string, JsonRecord])[] {
  const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(tiers)
    ? tiers.map((item) => [readKey(toRecord(item) ?? {}, 'code'), item] as const)
    : Object.entries(toRecord(tiers) ?? {})
  return entries.flatMap(([key, item]) => {
    const [code, tier] = [toId(key), toRecord(item)]
    return code !== null && tier ? [[code, tier] as const] : []
  })
}

function toTranslation(tier: JsonRecord, code: string, language: string | null): Pick<ContactReason, 'label' | 'language'> {
  const translations =
    toList(readKey(tier, 'translations'), (item) => {
      const record = toRecord(item)
      const label = record && toText(readKey(record, 'translation'))
      return record && label ? { label, language: toLanguage(toText(readKey(record, 'language'))) } : null
    }) ?? []
  return translations.find((one) => one.language === language) ?? translations[0] ?? { label: code, language: null }
}

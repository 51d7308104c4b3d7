import { type JsonRecord, readKey, toId, toList, toNumber, toRecord, toText } from '../decode.ts'
import type { ContactReason } from '../source.ts'
import { toLanguage } from './language.ts'
import { toListField } from './lookups-wire.ts'

/** The vendor's tree has three levels; its type is recursive. Deeper than this is not a tree of contact reasons. */
const deepest = 8
/** More than any market has: an endless answer is cut. */
const most = 10_000

/** A `SearchableCcrResponse`. With a language: only what was found in it. null: something else. */
export function toFoundReasons(body: unknown, language: string | null): readonly ContactReason[] | null {
  const wanted = toLanguage(language)
  return toList(toListField(body), (item) => {
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

/** A `SearchableCCR`. */
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

/**
 * A `CcrListResponse` from top to bottom, each reason behind its parent, in the language asked for where it has it, else in its
 * first. The document does not say what holds the code: both an object by code and a list of tiers with `code` are read.
 */
export function flattenTiers(body: unknown, language: string | null): readonly ContactReason[] | null {
  const record = toRecord(body)
  const tiers = record && readKey(record, 'data')
  if (typeof tiers !== 'object' || tiers === null) return null
  const found: ContactReason[] = []
  collect(tiers, [], toLanguage(language), found)
  return found
}

function collect(tiers: unknown, parents: readonly ContactReason[], language: string | null, found: ContactReason[]): void {
  if (parents.length >= deepest) return
  for (const [code, tier] of toEntries(tiers)) {
    if (found.length >= most) return
    const reason = { code, ...toTranslation(tier, code, language), level: parents.length + 1, parents }
    found.push(reason)
    collect(readKey(tier, 'child'), [...parents, reason], language, found)
  }
}

function toEntries(tiers: unknown): [string, JsonRecord][] {
  if (Array.isArray(tiers)) {
    return tiers.flatMap((item): [string, JsonRecord][] => {
      const tier = toRecord(item)
      const code = tier && toId(readKey(tier, 'code'))
      return tier && code !== null ? [[code, tier]] : []
    })
  }
  return Object.entries(toRecord(tiers) ?? {}).flatMap(([code, item]): [string, JsonRecord][] => {
    const tier = toRecord(item)
    return tier ? [[code, tier]] : []
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

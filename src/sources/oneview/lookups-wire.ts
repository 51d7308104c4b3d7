import { readKey, toId, toList, toRecord, toText, toTexts } from '../decode.ts'
import type { EscalationDepartment, TransferQueue } from '../source.ts'
import { toLanguage } from './language.ts'

/** A bare array of `{id,label}`. null: something else. */
export function toDepartments(body: unknown): readonly EscalationDepartment[] | null {
  return toList(body, (item) => {
    const record = toRecord(item)
    const id = record && toId(readKey(record, 'id'))
    return record && id !== null ? { id, label: toText(readKey(record, 'label')) ?? id } : null
  })
}

/** A `TransferQueueResponse`. */
export function toQueues(body: unknown): readonly TransferQueue[] | null {
  return toList(toListField(body), (item) => {
    const record = toRecord(item)
    const id = record && toId(readKey(record, 'id'))
    if (!record || id === null) return null
    return { id, name: toText(readKey(record, 'name')) ?? id, language: toLanguage(toText(readKey(record, 'language'))) }
  })
}

/** A `ResolutionStatusList`. */
export function toResolutionStatuses(body: unknown): readonly string[] | null {
  return toTexts(toListField(body))
}

/** What the vendor wraps as `{list: […]}`. */
export function toListField(body: unknown): unknown {
  const record = toRecord(body)
  return record && readKey(record, 'list')
}

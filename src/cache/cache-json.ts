import type { SourceInfo } from '../sources/source.ts'

/** Stands for a SourceInfo in kept JSON: tickets share one object per source, and get it back when they are read. */
const mark = '\u0000source:'

export function toAnswerJson(answer: unknown): string {
  return JSON.stringify(answer, (_name, value: unknown) => (isSourceInfo(value) ? mark + value.key : value))
}

/** `findSource` null: the source is no longer configured, and the answer is of no use: undefined. */
export function fromAnswerJson(json: string, findSource: (key: string) => SourceInfo | null): unknown {
  let isUsable = true
  const answer: unknown = JSON.parse(json, (name, value: unknown) => {
    if (name !== 'source' || typeof value !== 'string' || !value.startsWith(mark)) return value
    const source = findSource(value.slice(mark.length))
    if (source === null) isUsable = false
    return source
  })
  return isUsable ? answer : undefined
}

function isSourceInfo(value: unknown): value is SourceInfo {
  return typeof value === 'object' && value !== null && 'canCreate' in value && 'filters' in value && 'mode' in value
}

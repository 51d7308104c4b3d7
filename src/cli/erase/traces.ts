import type { Subject } from './subject.ts'

export interface Traces {
  /** Does this text of one of their own tickets hold anything that names them? */
  isIn(text: string): boolean
  /** Does this text, of whomever it may be, hold their e-mail address or phone number? */
  isCertainIn(text: string): boolean
  isId(text: string): boolean
}

/** Shorter ones ("Li", "42") are only recognised as the whole of a text: inside others they are chance. */
const shortestPart = 5

export function createTraces({ emails, ids, externalIds, knownIds, phones, names }: Subject): Traces {
  const idsHere = lower([...ids, ...externalIds, ...knownIds])
  const certain = lower([...emails, ...phones]).filter((trace) => trace.length >= shortestPart)
  const all = new Set([...idsHere, ...certain, ...lower([...names])])
  const parts = [...all].filter((trace) => trace.length >= shortestPart)
  return {
    isIn: (text) => all.has(text.toLowerCase()) || holds(text, parts),
    isCertainIn: (text) => holds(text, certain),
    isId: (text) => idsHere.includes(text.toLowerCase()),
  }
}

function lower(texts: readonly string[]): string[] {
  return texts.map((text) => text.toLowerCase())
}

function holds(text: string, parts: readonly string[]): boolean {
  const here = text.toLowerCase()
  return parts.some((part) => here.includes(part))
}

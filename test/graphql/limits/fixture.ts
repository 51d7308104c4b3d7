import { type DocumentNode, parse } from 'graphql'
import { operationLimits } from '../../../src/graphql/limits/config.ts'
import { prepareLimits } from '../../../src/graphql/limits/prepare-limits.ts'
import { createSchema } from '../../../src/graphql/schema/index.ts'
import type { TicketSource } from '../../../src/sources/source.ts'

/** As much of a source as costs are made of. */
function sourceLike(mode: 'PULL' | 'EVENT_FED', lazyFields: readonly string[] = []): TicketSource {
  return { info: { mode }, lazyFields } as unknown as TicketSource
}

/** Five sources as in a whole deployment: two are asked, three are fed; one leaves details out of its lists. */
export const fiveSources = [
  sourceLike('PULL'),
  sourceLike('PULL', ['messages', 'attachments', 'resolution', 'resolvedAt']),
  sourceLike('EVENT_FED'),
  sourceLike('EVENT_FED'),
  sourceLike('EVENT_FED'),
]

export const schema = createSchema({ sources: fiveSources })
export const defaults = operationLimits.parse({})

export function limitsWith(changes: Partial<typeof defaults> = {}) {
  return prepareLimits(schema, { ...defaults, ...changes })
}
const limits = limitsWith()

/** What a request goes through: its text, its shape, then what it costs. */
export function check(source: string, variables: Record<string, unknown> = {}, operationName: string | null = null, by = limits) {
  by.checkText(source)
  const document: DocumentNode = parse(source, { maxTokens: by.maxTokens })
  by.checkDocument(document)
  return by.checkOperation(document, operationName, variables)
}

/** The code with which a request is refused; null when it is not. */
export function codeOf(source: string, variables: Record<string, unknown> = {}, by = limits): string | null {
  try {
    check(source, variables, null, by)
    return null
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

export function repeat(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join(' ')
}

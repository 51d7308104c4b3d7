import { type DocumentNode, parse } from 'graphql'
import { operationLimits } from '../../../src/graphql/limits/config.ts'
import { prepareLimits } from '../../../src/graphql/limits/prepare-limits.ts'
import { createSchema } from '../../../src/graphql/schema/index.ts'
import type { TicketSource } from '../../../src/sources/source.ts'

/** The properties of a source that costs depend on. */
function sourceLike(mode: 'PULL' | 'EVENT_FED', lazyFields: readonly string[] = []): TicketSource {
  const capabilities = { callsPerCount: mode === 'PULL' ? 16 : 0 }
  return { info: { mode, capabilities }, lazyFields } as unknown as TicketSource
}

/** Five sources, as in a full deployment: two PULL sources, of which one has lazy fields, and three with events. */
export const fiveSources = [
  sourceLike('PULL'),
  sourceLike('PULL', ['messages', 'attachments', 'resolution', 'resolvedAt']),
  sourceLike('EVENT_FED'),
  sourceLike('EVENT_FED'),
  sourceLike('EVENT_FED'),
]

export const schema = createSchema({ sources: fiveSources, federation: true })
export const defaults = operationLimits.parse({})

export function limitsWith(changes: Partial<typeof defaults> = {}) {
  return prepareLimits(schema, { ...defaults, ...changes })
}
const limits = limitsWith()

/** The checks of a request in their order: text, shape, cost. */
export function check(source: string, variables: Record<string, unknown> = {}, operationName: string | null = null, by = limits) {
  by.checkText(source)
  const document: DocumentNode = parse(source, { maxTokens: by.maxTokens })
  by.checkDocument(document)
  return by.checkOperation(document, operationName, variables)
}

/** The error code that rejects a request; null when it is accepted. */
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

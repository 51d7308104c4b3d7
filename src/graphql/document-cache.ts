import { createHash } from 'node:crypto'
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { toClientMessage } from './error-messages.ts'

/** What an operation may be, checked in this order; each throws a DeskgraphError over a limit. `src/graphql/limits` makes one. */
export interface DocumentLimits {
  /** Lexical tokens that the parser reads at most. */
  readonly maxTokens: number
  /** Before the text is parsed. */
  checkText(text: string): void
  /** Before the parsed document is validated, because validating a bomb is what it is for. */
  checkDocument(document: DocumentNode): void
}

/** A document that may be executed, or why not. */
export type Prepared = { readonly document: DocumentNode; readonly invalid?: undefined } | InvalidDocument
export interface InvalidDocument {
  readonly invalid: readonly GraphQLError[]
  readonly code: 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED'
}

/** Every document that is executed, over whichever transport, was parsed, limited and validated here, once. */
export interface Documents {
  /** Throws a DeskgraphError over a limit. */
  prepare(text: string): Prepared
  /** A document prepared before, by the SHA-256 of its text, as Apollo Server looks for it. */
  byHash(hash: string): DocumentNode | undefined
}

export interface DocumentsDeps {
  readonly schema: GraphQLSchema
  readonly limits: DocumentLimits
  /** Whether clients may ask for the schema. Where they may not, errors suggest no names either. */
  readonly introspection: boolean
  /** How many documents are remembered. */
  readonly capacity?: number
}

export function createDocuments({ schema, limits, introspection, capacity = 1_000 }: DocumentsDeps): Documents {
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule]
  const byText = new LRUCache<string, Prepared>({ max: capacity })
  const byHash = new LRUCache<string, DocumentNode>({ max: capacity })

  function read(text: string): Prepared {
    limits.checkText(text)
    const parsed = parseText(text, limits.maxTokens)
    if (parsed.invalid) return parsed
    limits.checkDocument(parsed.document)
    const invalid = validate(schema, parsed.document, rules, { hideSuggestions: !introspection })
    if (invalid.length === 0) return parsed
    return { invalid: invalid.map((error) => withoutValues(error, introspection)), code: 'GRAPHQL_VALIDATION_FAILED' }
  }
  return {
    prepare(text) {
      const known = byText.get(text)
      if (known) return known
      const prepared = read(text)
      if (prepared.invalid) return prepared
      byText.set(text, prepared)
      byHash.set(createHash('sha256').update(text).digest('hex'), prepared.document)
      return prepared
    },
    byHash: (hash) => byHash.get(hash),
  }
}

/** graphql-js repeats a wrong literal in its message, and a literal may hold an address: the message is written anew. */
function withoutValues(error: GraphQLError, suggestions: boolean): GraphQLError {
  const { nodes, source, positions } = error
  return new GraphQLError(toClientMessage(error.message, suggestions), { nodes, source, positions })
}

function parseText(text: string, maxTokens: number): Prepared {
  try {
    return { document: parse(text, { maxTokens }) }
  } catch (error) {
    // Anything but a syntax error is ours: let it fly.
    if (!isGraphQLError(error)) throw error
    return { invalid: [withoutValues(error, true)], code: 'GRAPHQL_PARSE_FAILED' }
  }
}

function isGraphQLError(error: unknown): error is GraphQLError {
  return error instanceof Error && error.name === 'GraphQLError'
}

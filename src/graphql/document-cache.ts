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

/** The limits on documents, checked in this order. Each check throws a DeskgraphError. `src/graphql/limits` implements them. */
export interface DocumentLimits {
  /** The most lexical tokens that the parser reads. */
  readonly maxTokens: number
  /** Runs before the text is parsed. */
  checkText(text: string): void
  /** Runs before the document is validated: validation itself can take minutes for a document made for that. */
  checkDocument(document: DocumentNode): void
}

/** A document that may be executed, or the errors why it may not. */
export type Prepared = { readonly document: DocumentNode; readonly invalid?: undefined } | InvalidDocument
export interface InvalidDocument {
  readonly invalid: readonly GraphQLError[]
  readonly code: 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED'
}

/** Parses, limits and validates every document once, for all transports. */
export interface Documents {
  /** Throws a DeskgraphError over a limit. */
  prepare(text: string): Prepared
  /** A prepared document by the SHA-256 of its text, which is the key that Apollo Server uses; undefined: not in the cache. */
  byHash(hash: string): DocumentNode | undefined
}

export interface DocumentsDeps {
  readonly schema: GraphQLSchema
  readonly limits: DocumentLimits
  /** Whether clients may read the schema. Where they may not, errors suggest no names of the schema either. */
  readonly introspection: boolean
  /** The most documents in the cache. The least recently used one is dropped first. */
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

/** graphql-js repeats a wrong literal in its message, and a literal can hold an e-mail address: the message is written without it. */
function withoutValues(error: GraphQLError, suggestions: boolean): GraphQLError {
  const { nodes, source, positions } = error
  return new GraphQLError(toClientMessage(error.message, suggestions), { nodes, source, positions })
}

function parseText(text: string, maxTokens: number): Prepared {
  try {
    return { document: parse(text, { maxTokens }) }
  } catch (error) {
    // Every other error is a defect of the gateway.
    if (!isGraphQLError(error)) throw error
    return { invalid: [withoutValues(error, true)], code: 'GRAPHQL_PARSE_FAILED' }
  }
}

function isGraphQLError(error: unknown): error is GraphQLError {
  return error instanceof Error && error.name === 'GraphQLError'
}

import { createHash } from 'node:crypto'
import {
  type ASTVisitor,
  type DirectiveNode,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  SingleFieldSubscriptionsRule,
  specifiedRules,
  type ValidationContext,
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
  const rules = introspection ? executableRules : [...executableRules, NoSchemaIntrospectionCustomRule, NoSubgraphSdlRule]
  const byText = new LRUCache<string, Prepared>({ max: capacity })
  const byHash = new LRUCache<string, DocumentNode>({ max: capacity })

  function read(text: string): Prepared {
    limits.checkText(text)
    const parsed = parseText(text, limits.maxTokens)
    if (parsed.invalid) return parsed
    limits.checkDocument(parsed.document)
    const invalid = validate(schema, parsed.document, rules, { hideSuggestions: !introspection })
    if (invalid.length === 0) return parsed
    return toInvalid('GRAPHQL_VALIDATION_FAILED', invalid, introspection)
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

/** graphql-js repeats a wrong literal in its message, and a literal can hold an e-mail address: the messages are written without it. */
function toInvalid(code: InvalidDocument['code'], errors: readonly GraphQLError[], suggestions: boolean): InvalidDocument {
  const invalid = errors.map(({ message, nodes, source, positions }) => {
    return new GraphQLError(toClientMessage(message, suggestions), { nodes, source, positions, extensions: { code } })
  })
  return { invalid, code }
}

const executableRules = [
  ...specifiedRules.filter((rule) => rule !== SingleFieldSubscriptionsRule),
  UnconditionalSubscriptionRootRule,
]

/** The SDL of a subgraph says what introspection says. */
function NoSubgraphSdlRule(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      if (node.name.value !== '_service' || context.getParentType() !== context.getSchema().getQueryType()) return
      const message =
        'The SDL of this subgraph is not served, because introspection is closed: "deskgraph schema --federation" prints it.'
      context.reportError(new GraphQLError(message, { nodes: node }))
    },
  }
}

/**
 * The root field of a subscription has no @skip and no @include (GraphQL of September 2025, §5.2.4.1). The rule of graphql-js throws where
 * it cannot decide the condition, and lets a root without a field pass, for which no event stream can be created.
 */
function UnconditionalSubscriptionRootRule(context: ValidationContext): ASTVisitor {
  const { OperationDefinition: checkSingleField } = SingleFieldSubscriptionsRule(context) as {
    OperationDefinition(node: OperationDefinitionNode): void
  }
  return {
    OperationDefinition(node) {
      const condition = node.operation === 'subscription' ? findRootCondition(node.selectionSet, context) : undefined
      if (!condition) return checkSingleField(node)
      const message = `@${condition.name.value} is not allowed on the root field of a subscription.`
      context.reportError(new GraphQLError(message, { nodes: condition }))
    },
  }
}

function findRootCondition(root: SelectionSetNode, context: ValidationContext): DirectiveNode | undefined {
  // The selection sets whose fields are root fields: those of fragments are added while the loop runs.
  const sets = new Set([root])
  for (const { selections } of sets) {
    for (const selection of selections) {
      const condition = selection.directives?.find(({ name }) => name.value === 'skip' || name.value === 'include')
      if (condition) return condition
      if (selection.kind === Kind.FIELD) continue
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : context.getFragment(selection.name.value)
      if (fragment) sets.add(fragment.selectionSet)
    }
  }
  return undefined
}

function parseText(text: string, maxTokens: number): Prepared {
  try {
    return { document: parse(text, { maxTokens }) }
  } catch (error) {
    // Every other error is a defect of the gateway.
    if (!isGraphQLError(error)) throw error
    return toInvalid('GRAPHQL_PARSE_FAILED', [error], true)
  }
}

function isGraphQLError(error: unknown): error is GraphQLError {
  return error instanceof Error && error.name === 'GraphQLError'
}

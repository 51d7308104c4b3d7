import type { DocumentNode } from 'graphql'

/**
 * A parsed operation with the types of its result and its variables. Apollo Client, urql, graphql-request and graphql-codegen's own
 * documents know the same form, so that a call with one of these needs no type arguments.
 */
export interface TypedDocumentNode<Result, Variables> extends DocumentNode {
  /** Never present: it carries the two types. */
  readonly __apiType?: (variables: Variables) => Result
}

/** The result of a typed document: `ResultOf<typeof TicketListDocument>`. */
export type ResultOf<Document> = Document extends { readonly __apiType?: (variables: never) => infer Result } ? Result : never

/** The variables of a typed document. */
export type VariablesOf<Document> = Document extends { readonly __apiType?: (variables: infer Variables) => unknown }
  ? Variables
  : never

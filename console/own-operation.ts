import { type DocumentNode, Kind, type OperationDefinitionNode, parse } from 'graphql'

/** What GraphiQL asks its fetcher. */
export interface Asked {
  readonly query: string
  readonly operationName?: string | null
}

/** The same with the operation that is meant, and the document that it is in. */
export interface Understood<T extends Asked> {
  readonly asked: T
  readonly documentAST: DocumentNode | undefined
}

/**
 * For a moment after a switch of tabs GraphiQL still names the operation of the tab before, and would send a subscription
 * as a query. The text itself knows better: a name that is not in it becomes the name of its first operation.
 */
export function understand<T extends Asked>(asked: T): Understood<T> {
  const documentAST = parseOrNot(asked.query)
  const names = documentAST?.definitions.filter(isOperation).map(({ name }) => name?.value ?? null) ?? []
  if (names.length === 0 || names.includes(asked.operationName ?? null)) return { asked, documentAST }
  return { asked: { ...asked, operationName: names[0] ?? null }, documentAST }
}

function isOperation(definition: DocumentNode['definitions'][number]): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION
}

/** undefined: it does not parse, and the gateway will say where. */
function parseOrNot(query: string): DocumentNode | undefined {
  try {
    return parse(query)
  } catch {
    return undefined
  }
}

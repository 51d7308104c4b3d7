import { type DocumentNode, Kind, type OperationDefinitionNode, parse } from 'graphql'

// Corrections of what GraphiQL sends and shows. They are pure, so that they are tested without a browser.

/** What GraphiQL gives to its fetcher. */
export interface OperationRequest {
  readonly query: string
  readonly operationName?: string | null
}

/** A request with the correct name of its operation, and its parsed document. */
export interface CorrectedRequest<T extends OperationRequest> {
  readonly request: T
  /** undefined: the query does not parse. The gateway's answer says where. */
  readonly documentAST: DocumentNode | undefined
}

/**
 * Replaces a name that is not in the document by the name of its first operation. Just after a switch of tabs GraphiQL
 * still names the operation of the earlier tab, and would send a subscription as a query.
 */
export function correctOperationName<T extends OperationRequest>(request: T): CorrectedRequest<T> {
  const documentAST = tryParse(request.query)
  const names = documentAST?.definitions.filter(isOperation).map(({ name }) => name?.value ?? null) ?? []
  if (names.length === 0 || names.includes(request.operationName ?? null)) return { request, documentAST }
  return { request: { ...request, operationName: names[0] ?? null }, documentAST }
}

function isOperation(definition: DocumentNode['definitions'][number]): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION
}

function tryParse(query: string): DocumentNode | undefined {
  try {
    return parse(query)
  } catch {
    return undefined
  }
}

/** The content of a tab of GraphiQL. */
export interface TabContent {
  readonly query: string | null
  readonly variables: string | null
}

/**
 * The tab to show first: the active tab of the last visit, from GraphiQL's stored state, otherwise the first ready one.
 * GraphiQL restores its tabs, but fills the editors with the last edited texts: variables that were never edited are missing.
 */
export function findInitialTab(storedState: string | null, ready: readonly TabContent[]): TabContent | undefined {
  return (storedState === null ? undefined : toActiveTab(storedState)) ?? ready[0]
}

function toActiveTab(storedState: string): TabContent | undefined {
  try {
    const { tabs, activeTabIndex } = JSON.parse(storedState) as { tabs: TabContent[]; activeTabIndex: number }
    return tabs[activeTabIndex]
  } catch {
    return undefined
  }
}

import { type ASTNode, type DocumentNode, Kind, visit } from 'graphql'
import type { Viewer } from '../domain/call.ts'

/** What an event's body depends on besides the event: what was asked, and with which rights. */
export interface OperationKey {
  /** Validated; the same object for the same text. */
  readonly document: DocumentNode
  readonly operationName: string | null
  readonly variables: Record<string, unknown>
}

/** Bodies of events that many wait for. */
export interface SharedPayloads {
  /** The bodies of all who ask like this with the rights of this viewer. */
  of(asking: OperationKey, viewer: Viewer): PayloadsOfOperation
}

export interface PayloadsOfOperation {
  find(event: object): string | undefined
  keep(event: object, body: string): void
}

/**
 * An event's body is written once for all subscribers that asked the same and have the same rights, whoever they are, and kept as
 * long as the event itself. Whoever keeps one answers for it that nothing in it was looked up for somebody.
 */
export function createSharedPayloads(): SharedPayloads {
  const bodies = new WeakMap<object, Map<string, string>>()
  const asked = new WeakMap<DocumentNode, AskedDocument>()
  let documents = 0

  const read = (document: DocumentNode): AskedDocument => {
    const known = asked.get(document)
    if (known) return known
    documents += 1
    const fresh = { number: documents, variables: variablesBelowRoot(document) }
    asked.set(document, fresh)
    return fresh
  }

  return {
    of({ document, operationName, variables }, { scopes }) {
      const { number, variables: names } = read(document)
      const key = JSON.stringify([number, operationName, names.map((name) => [name, variables[name]]), [...scopes].sort()])
      return {
        find: (event) => bodies.get(event)?.get(key),
        keep(event, body) {
          const known = bodies.get(event)
          if (known) known.set(key, body)
          else bodies.set(event, new Map([[key, body]]))
        },
      }
    },
  }
}

interface AskedDocument {
  readonly number: number
  readonly variables: readonly string[]
}

/** The arguments of a root field choose the events and say nothing of their bodies: everybody has another cursor in them. */
function variablesBelowRoot({ definitions }: DocumentNode): readonly string[] {
  const names = new Set<string>()
  const collect = (node: ASTNode | undefined) => {
    if (node) visit(node, { Variable: ({ name }) => void names.add(name.value) })
  }
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) collect(definition)
    else
      for (const selection of definition.selectionSet.selections) {
        for (const directive of selection.directives ?? []) collect(directive)
        if (selection.kind !== Kind.FRAGMENT_SPREAD) collect(selection.selectionSet)
      }
  }
  return [...names].sort()
}

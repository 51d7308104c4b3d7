import { type ASTNode, type DocumentNode, Kind, visit } from 'graphql'
import type { SharedPayloads } from '../graphql/subscribe.ts'

/**
 * Writes the payload of an event once for all subscribers that sent the same operation and have the same rights, and keeps it as long as
 * the event object.
 */
export function createSharedPayloads(): SharedPayloads {
  const payloads = new WeakMap<object, Map<string, string>>()
  const known = new WeakMap<DocumentNode, KnownDocument>()
  let documents = 0

  const read = (document: DocumentNode): KnownDocument => {
    const before = known.get(document)
    if (before) return before
    documents += 1
    const fresh = { number: documents, variables: variablesBelowRoot(document) }
    known.set(document, fresh)
    return fresh
  }

  return {
    of({ document, operationName, variables }, { scopes }) {
      const { number, variables: names } = read(document)
      const key = JSON.stringify([number, operationName, names.map((name) => [name, variables[name]]), [...scopes].sort()])
      return {
        find: (event) => payloads.get(event)?.get(key),
        keep(event, payload) {
          const ofEvent = payloads.get(event)
          if (ofEvent) ofEvent.set(key, payload)
          else payloads.set(event, new Map([[key, payload]]))
        },
      }
    },
  }
}

interface KnownDocument {
  readonly number: number
  readonly variables: readonly string[]
}

/** The arguments of a root field select events and do not change payloads; each subscriber has its own cursor there. */
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

import { type DirectiveNode, type DocumentNode, visit } from 'graphql'

/** The variables that decide a @skip or @include anywhere in the document, in a fixed order. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>()
  visit(document, { Directive: (directive) => addCondition(names, directive) })
  return [...names].sort()
}

function addCondition(names: Set<string>, { name, arguments: args = [] }: DirectiveNode): void {
  if (name.value !== 'skip' && name.value !== 'include') return
  for (const { value } of args) if (value.kind === 'Variable') names.add(value.name.value)
}

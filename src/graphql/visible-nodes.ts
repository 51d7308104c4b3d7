import { DeskgraphError } from '../domain/errors.ts'
import { decodeId, type EntityKind } from '../domain/ids.ts'
import type { Page } from '../domain/page.ts'
import type { GraphContext } from './context.ts'
import { findRef } from './entity-refs.ts'

/** The page without what belongs to sources that the viewer may not see. It may get shorter; its cursors stay true. */
export function onlyVisible<T extends { readonly id: string }>(context: GraphContext, page: Page<T>): Page<T> {
  const sees = (id: string) => context.sources.get(decodeId(id)?.sourceKey ?? '') !== undefined
  return { ...page, items: page.items.filter(({ node }) => sees(node.id)) }
}

/** Throws BAD_USER_INPUT, in the same words as for a thing that does not exist, when its source is not to be seen. */
export function requireVisible(context: GraphContext, id: string, kind: EntityKind): void {
  found(findRef(context, id, kind), kind)
}

/** The thing itself, or BAD_USER_INPUT when there is none. */
export function found<T>(thing: T | null, kind: EntityKind): T {
  if (thing !== null) return thing
  throw new DeskgraphError(
    'BAD_USER_INPUT',
    `There is no ${kind === 'delivery' ? 'delivery' : 'quarantined event'} with this id.`,
  )
}

import { DeskgraphError } from '../../domain/errors.ts'
import type { EntityKind } from '../../domain/ids.ts'
import type { Sources } from '../../tickets/ticket-service.ts'
import type { GraphContext } from '../context.ts'
import { findRef } from './entity-refs.ts'

/** The sources that the viewer may see, for lists of what belongs to them. */
export function visibleKeys({ all }: Sources): readonly string[] {
  return all.map(({ info }) => info.key)
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

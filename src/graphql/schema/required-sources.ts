import { DeskgraphError } from '../../domain/errors.ts'
import type { TicketSource } from '../../sources/source.ts'
import type { Sources } from '../../tickets/ticket-service.ts'

/** Throws BAD_USER_INPUT, in the same words whether the source is not configured or not to be seen. */
export function requireSource(sources: Sources, key: string): TicketSource {
  const source = sources.get(key)
  if (source) return source
  const known = sources.all.map((each) => each.info.key).join(', ')
  throw new DeskgraphError('BAD_USER_INPUT', `There is no source "${key}". There are: ${known || 'none'}.`)
}

type Ability = {
  [K in keyof TicketSource]-?: NonNullable<TicketSource[K]> extends (...args: never[]) => unknown ? K : never
}[keyof TicketSource]

/** The source's method, or UPSTREAM_NOT_SUPPORTED before any call is made. */
export function requireAbility<K extends Ability>(source: TicketSource, ability: K): NonNullable<TicketSource[K]> {
  const method = source[ability]
  if (typeof method === 'function') return method.bind(source) as NonNullable<TicketSource[K]>
  const { key, label } = source.info
  throw new DeskgraphError('UPSTREAM_NOT_SUPPORTED', `${label} does not offer this.`, { source: key })
}

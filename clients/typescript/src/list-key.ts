/** What makes two lists of tickets the same list. */
export interface ListArguments {
  readonly filter?: object | null | undefined
  readonly orderBy?: object | null | undefined
}

/**
 * A text that is the same for two lists of tickets with the same filter and order: a condition that is null, undefined or an empty list is
 * no condition, and the order of names does not matter. `ids: []` matches nothing and stays.
 */
export function toListKey({ filter, orderBy }: ListArguments): string {
  return JSON.stringify([conditionsOf(filter), orderBy ? sorted(orderBy) : null])
}

function conditionsOf(filter: object | null | undefined): unknown {
  const entries = Object.entries(filter ?? {}).filter(
    ([name, value]) => value !== null && value !== undefined && (name === 'ids' || !Array.isArray(value) || value.length > 0),
  )
  return sorted(Object.fromEntries(entries))
}

function sorted(value: object): unknown {
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** A forward page of a list. */
export interface Page<T> {
  /** `cursor` is the position behind the item. */
  readonly items: readonly { readonly cursor: string; readonly node: T }[]
  readonly hasNextPage: boolean
}

export interface PageRequest {
  /** The number of items at most. */
  readonly first: number
  /** The cursor behind which the page starts. null: the start of the list. */
  readonly after: string | null
}

/** A page from either end of a list, between two cursors of it. */
export interface Range {
  /** `start`: the items nearest to `after`. `end`: those nearest to `before`. */
  readonly from: 'start' | 'end'
  /** The number of items at most. */
  readonly size: number
  /** Items up to this cursor are left out. null: the start of the list. */
  readonly after: string | null
  /** Items from this cursor on are left out. null: the end of the list. */
  readonly before: string | null
}

/** The items of a range, in the order of the list whichever end the range begins at. */
export interface RangePage<T> extends Page<T> {
  readonly hasPreviousPage: boolean
}

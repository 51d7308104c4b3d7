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

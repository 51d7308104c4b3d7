/** A forward page of a connection: each item with the cursor right behind it. */
export interface Page<T> {
  readonly items: readonly { readonly cursor: string; readonly node: T }[]
  readonly hasNextPage: boolean
}

export interface PageRequest {
  readonly first: number
  /** Exclusive. null: from the beginning. */
  readonly after: string | null
}

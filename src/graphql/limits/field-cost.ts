/** What one field of the graph asks of us and of the sources. Everything that is not said has a sensible default. */
export interface FieldCost {
  /** Objects it makes, beyond its children. Default: 1 where it has fields of its own, 0 for a plain value. */
  readonly weight?: number
  /** Calls to sources that it may need each time it is reached. Default: 0. */
  readonly calls?: number
  /**
   * Fields of one object with the same word share one call (the detail fields of a ticket): it counts once.
   * `calls` then says how many.
   */
  readonly shared?: string
  /** How many things a list holds: the argument that says so, or a number. Default: `first` where there is one, else 3. */
  readonly items?: number | { readonly argument: string }
}

/** "Type.field" → its cost. */
export type CostTable = Readonly<Record<string, FieldCost>>

/** What one operation may cost at most. */
export interface OperationCost {
  /** Objects that it may ask for, page sizes multiplied. */
  readonly cost: number
  /** Calls to sources that it may need: batches that turn out larger and look-ups that repeat make it fewer. */
  readonly upstreamCalls: number
}

/** The kinds of answers that can be kept, each for its own time. */
export const cacheKinds = ['ticket', 'list', 'lookup', 'customer'] as const
export type CacheKind = (typeof cacheKinds)[number]

/** What is kept under a name. `epoch` goes back with `put`: an answer that was asked for before a `drop` is not kept after it. */
export interface Kept {
  /** undefined: nothing, or no longer. */
  readonly answer: unknown
  readonly epoch: string
  /** For how long the answer may still be given; 0 where there is none. */
  readonly leftMs: number
}

export interface PutOptions {
  readonly epoch: string
  readonly ttlMs: number
  /** How much it counts towards the bound: the number of tickets, or 1. */
  readonly weight: number
}

/**
 * Answers of sources, kept for a short time. A group is what becomes untrue together; a field is one answer of it
 * (who asked, and what). Answers are plain data and are given back as they were put, or as equal ones. Methods may
 * reject: a cache that fails is no reason for a read to fail.
 */
export interface CacheStore {
  get(group: string, field: string): Promise<Kept>
  put(group: string, field: string, answer: unknown, options: PutOptions): Promise<void>
  drop(group: string): Promise<void>
  /** Forgets everything, of every source and identity. */
  clear(): Promise<void>
  close(): Promise<void>
}

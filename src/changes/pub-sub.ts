/** Tells every replica that the journal has grown. It carries numbers only; the changes are read from the journal. */
export interface PubSub {
  publish(seq: number): void
  /** Returns how to stop. */
  listen(listener: (seq: number) => void): () => void
  /** It reaches other processes too. */
  readonly shared: boolean
  close(): Promise<void>
}

/** In this process alone. */
export function createLocalPubSub(): PubSub {
  const listeners = new Set<(seq: number) => void>()
  return {
    publish(seq) {
      for (const listener of listeners) listener(seq)
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    shared: false,
    close: async () => {},
  }
}

import { createPubSub, type PubSub } from '@graphql-yoga/subscription'

export type Topics = { readonly 'deskgraph:journal': [payload: { readonly seq: number }] }
export const topic = 'deskgraph:journal'

/** Tells every replica that the journal has grown. It carries numbers only; the changes are read from the journal. */
export interface ChangeBus {
  publish(seq: number): void
  /** Returns how to stop. */
  listen(listener: (seq: number) => void): () => void
  /** It reaches other processes too. */
  readonly shared: boolean
  close(): Promise<void>
}

/** Tells the listener of what comes until the returned function is called. */
export function follow(pubSub: PubSub<Topics>, listener: (seq: number) => void): () => void {
  const stream = pubSub.subscribe(topic)
  const run = async (): Promise<void> => {
    for await (const { seq } of stream) listener(seq)
  }
  void run()
  return () => void stream.return()
}

/** In this process alone. */
export function createLocalBus(): ChangeBus {
  const pubSub = createPubSub<Topics>()
  return {
    publish: (seq) => pubSub.publish(topic, { seq }),
    listen: (listener) => follow(pubSub, listener),
    shared: false,
    close: async () => {},
  }
}

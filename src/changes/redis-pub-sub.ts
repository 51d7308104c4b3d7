import { createRedisEventTarget } from '@graphql-yoga/redis-event-target'
import { createPubSub, type PubSub as EventTargetPubSub } from '@graphql-yoga/subscription'
import { Redis } from 'ioredis'
import type { Logger } from '../domain/telemetry.ts'
import type { PubSub } from './pub-sub.ts'

type Topics = { readonly 'deskgraph:journal': [payload: { readonly seq: number }] }
const topic = 'deskgraph:journal'

function connect(redisUrl: string, logger: Logger, enableOfflineQueue: boolean): Redis {
  const client = new Redis(redisUrl, { maxRetriesPerRequest: null, enableOfflineQueue })
  client.on('error', (error) => logger.warn({ cause: error.message }, 'the connection to Redis has a fault'))
  return client
}

/** The client with its failures swallowed: the event target does not look at them, and a lost message is found by the look-out. */
function forgiving(client: Redis): Redis {
  return new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'publish' && name !== 'subscribe' && name !== 'unsubscribe') return value.bind(target)
      return (...args: unknown[]) => void Promise.resolve(Reflect.apply(value, target, args)).catch(() => {})
    },
  })
}

/** Across replicas. While Redis is away, messages wait or are lost: readers look into the journal by themselves too. */
export function createRedisPubSub({ redisUrl, logger }: { readonly redisUrl: string; readonly logger: Logger }): PubSub {
  // What is told while Redis is away is not kept: numbers that nobody waits for would only pile up.
  const publishClient = connect(redisUrl, logger, false)
  const subscribeClient = connect(redisUrl, logger, true)
  const pubSub = createPubSub<Topics>({
    eventTarget: createRedisEventTarget({ publishClient: forgiving(publishClient), subscribeClient: forgiving(subscribeClient) }),
  })
  return {
    publish: (seq) => pubSub.publish(topic, { seq }),
    listen: (listener) => follow(pubSub, listener),
    shared: true,
    async close() {
      publishClient.disconnect()
      subscribeClient.disconnect()
    },
  }
}

/** Tells the listener of what comes until the returned function is called. */
function follow(pubSub: EventTargetPubSub<Topics>, listener: (seq: number) => void): () => void {
  const stream = pubSub.subscribe(topic)
  const run = async (): Promise<void> => {
    for await (const { seq } of stream) listener(seq)
  }
  void run()
  return () => void stream.return()
}

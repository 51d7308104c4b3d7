import type { Logger } from '../domain/telemetry.ts'
import { connectRedis } from '../redis/connect-redis.ts'

/**
 * Tells the other processes that the change log has grown. A message holds a sequence number only: its receiver reads the
 * entries from the change log. Messages may be lost, so a receiver also reads from time to time without one.
 */
export interface PubSub {
  /** Never throws and never waits. */
  publish(seq: number): void
  /** Calls the listener for every message, including those of this process. Returns a function that removes it. */
  listen(listener: (seq: number) => void): () => void
  close(): Promise<void>
}

export interface RedisPubSubDeps {
  readonly redisUrl: string
  readonly logger: Logger
}

/** The channel's name in Redis. All replicas of all versions use it. */
const channel = 'deskgraph:journal'

/** Publishes over Redis. While Redis is away, messages are lost; each new connection subscribes again. */
export async function createRedisPubSub({ redisUrl, logger }: RedisPubSubDeps): Promise<PubSub> {
  const options = { redisUrl, use: 'change notifications', logger } as const
  // A client that has subscribed cannot publish, so there are two.
  const [publisher, subscriber] = await Promise.all([connectRedis(options), connectRedis(options)])
  subscriber.on('ready', () => void subscriber.subscribe(channel).catch(ignoreLostMessage))
  return {
    publish: (seq) => void publisher.publish(channel, JSON.stringify({ seq })).catch(ignoreLostMessage),
    listen(listener) {
      const onMessage = (_channel: string, message: string): void => {
        const seq = parseMessage(message)
        if (seq !== null) listener(seq)
      }
      subscriber.on('message', onMessage)
      return () => void subscriber.off('message', onMessage)
    },
    async close() {
      publisher.disconnect()
      subscriber.disconnect()
    },
  }
}

/** Receivers find the entry of a lost message at their next read. The connection's own failure is logged already. */
function ignoreLostMessage(): void {}

/** Null for text that no gateway has published: another user of this Redis must not stop the process. */
function parseMessage(message: string): number | null {
  try {
    const { seq }: { seq?: unknown } = JSON.parse(message)
    return Number.isSafeInteger(seq) ? (seq as number) : null
  } catch {
    return null
  }
}

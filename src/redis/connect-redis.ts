import type { Redis } from 'ioredis'
import type { Logger } from '../domain/telemetry.ts'

/** How a part of the gateway uses Redis. Every connection of the gateway is made by `connectRedis`. */
export interface RedisOptions {
  readonly redisUrl: string
  /** What the connection is for; the log names it. */
  readonly use: 'rate limits' | 'call budgets' | 'answer cache' | 'change notifications'
  readonly logger: Logger
  /** Sends the commands of one turn of the event loop together. */
  readonly pipelined?: boolean
}

/** Redis saves time. A command that takes longer than this costs more than it saves, and rejects. */
const commandTimeoutMs = 200
/**
 * A connection on which a command had no answer for this long is closed. Commands reject at once from then on, until Redis answers again.
 * It is longer than `commandTimeoutMs`, so that one slow turn of the event loop closes no connection.
 */
const silentMs = 1_000
const connectTimeoutMs = 2_000
const maxReconnectMs = 2_000

/**
 * Connects to Redis in the background, and again after each loss. A Redis that is away, or that accepts connections and does not answer,
 * delays no caller: every command rejects within 200 ms, and at once while there is no connection. The log has one line when the
 * connection is lost and one when it is back.
 */
export async function connectRedis({ redisUrl, use, logger, pipelined = false }: RedisOptions): Promise<Redis> {
  // ioredis is loaded only where Redis is configured.
  const { Redis } = await import('ioredis')
  const redis = new Redis(redisUrl, {
    commandTimeout: commandTimeoutMs,
    socketTimeout: silentMs,
    connectTimeout: connectTimeoutMs,
    maxRetriesPerRequest: 0,
    // Commands that wait for a connection would make their callers wait too.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    enableAutoPipelining: pipelined,
    retryStrategy: (attempt) => Math.min(attempt * 100, maxReconnectMs),
  })
  let isLost = false
  redis.on('error', (error) => {
    // ioredis reports every failed attempt to connect.
    if (!isLost) logger.warn({ use, err: error }, 'Redis does not answer; the gateway continues without it')
    isLost = true
  })
  redis.on('ready', () => {
    if (isLost) logger.info({ use }, 'Redis answers again')
    isLost = false
  })
  return redis
}

import { join } from 'node:path'
import * as z from 'zod'
import type { Environment } from './interpolate.ts'
import { ConfigError } from './read-yaml.ts'

const text = z.string().trim().min(1)

const variables = z.object({
  HOST: text.default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  DESKGRAPH_CONFIG: text.optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
    .optional(),
  DESKGRAPH_DATA_DIR: text.optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).optional(),
  DESKGRAPH_PERFORMANCE: z.enum(['on', 'off']).default('on'),
})

/** What the environment says: where to listen, where to keep, where the configuration file is. */
export interface Settings {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  /** null: the sandbox. */
  readonly configFile: string | null
  /** null: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null
  /** null: in memory, as the sandbox does unless a directory is named; every start of it has a new history. */
  readonly dataDir: string | null
  /** null: in process. */
  readonly redisUrl: string | null
  /** null: what the configuration file says. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent' | null
  /** false: the gateway runs without the code of `src/performance`. Every answer stays the same; the gateway is slower. */
  readonly performance: boolean
}

/** Reads the environment. Throws ConfigError with every fault at once, naming the variable and never its value. */
export function readSettings(environment: Environment, workingDirectory: string): Settings {
  // An empty variable is an absent one, as compose files and shells write them.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''))
  const decoded = variables.safeParse(given)
  if (!decoded.success) {
    throw new ConfigError(decoded.error.issues.map((issue) => `environment variable ${issue.path.join('.')}: ${issue.message}`))
  }
  const { HOST, PORT, DESKGRAPH_CONFIG, DATABASE_URL, DESKGRAPH_DATA_DIR, REDIS_URL, LOG_LEVEL, DESKGRAPH_PERFORMANCE } =
    decoded.data
  return {
    host: HOST,
    port: PORT,
    configFile: DESKGRAPH_CONFIG ?? null,
    databaseUrl: DATABASE_URL ?? null,
    dataDir: DESKGRAPH_DATA_DIR ?? (DESKGRAPH_CONFIG === undefined ? null : join(workingDirectory, '.deskgraph')),
    redisUrl: REDIS_URL ?? null,
    logLevel: LOG_LEVEL ?? null,
    performance: DESKGRAPH_PERFORMANCE === 'on',
  }
}

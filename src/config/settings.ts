import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import * as z from 'zod'
import type { Proxies } from '../outbound/proxies.ts'
import { secretKey } from '../sources/credentials/secret-keys.ts'
import { ConfigError, type Environment } from './read-yaml.ts'

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** The URL of a forward proxy. Without a scheme it is http, as for curl. */
const proxyUrl = z
  .string()
  .transform((text) => (text.includes('://') ? text : `http://${text}`))
  .refine((text) => /^https?:\/\/[^/]/i.test(text) && URL.canParse(text), 'must be the http or https URL of a proxy')
  .optional()

const variables = z.object({
  HOST: z.string().default('127.0.0.1').transform(removeBrackets),
  PORT: z.coerce
    .number('must be a number from 0 to 65535')
    .int('must be a whole number')
    .min(0, 'must be from 0 to 65535')
    .max(65_535, 'must be from 0 to 65535')
    .default(4000),
  DESKGRAPH_CONFIG: z.string().optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
    .optional(),
  DESKGRAPH_DATA_DIR: z.string().optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .optional(),
  DESKGRAPH_SECRETS_KEY: secretKey.optional(),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).optional(),
  https_proxy: proxyUrl,
  HTTPS_PROXY: proxyUrl,
  http_proxy: proxyUrl,
  HTTP_PROXY: proxyUrl,
  no_proxy: z.string().optional(),
  NO_PROXY: z.string().optional(),
  DESKGRAPH_SANDBOX: z.string().optional(),
  DESKGRAPH_PERFORMANCE: z.enum(['on', 'off'], 'must be on or off').default('on'),
})

/** What the environment variables say: the listening address, the stores, the configuration file. */
export interface Settings {
  /** A host name or an address; an IPv6 address has no brackets. */
  readonly host: string
  /** 0: a free port, chosen by the operating system. */
  readonly port: number
  /** null: the sandbox. */
  readonly configFile: string | null
  /** null: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null
  /** The directory of the embedded database. null: it is kept in memory and starts empty. */
  readonly dataDir: string | null
  /** null: pub/sub, rate limits and caches live in this process. */
  readonly redisUrl: string | null
  /** Encrypts stored secrets where the configuration file has no `secrets.key`. null: it is not set. */
  readonly secretsKey: string | null
  /** null: `observability.logLevel` of the configuration file. */
  readonly logLevel: (typeof logLevels)[number] | null
  /** How sources, the issuer of tokens and partners are reached. */
  readonly proxies: Proxies
  /** The simulated systems that start, where the sandbox does. null: all. */
  readonly sandboxSystems: readonly string[] | null
  /** false: the gateway runs without the code of `src/performance`. Every answer stays the same; the gateway is slower. */
  readonly performance: boolean
}

/** Reads the environment. Throws ConfigError with every fault at once, naming the variable and never its value. */
export function readSettings(environment: Environment, workingDirectory: string): Settings {
  // Compose files and shells write an absent variable as an empty one. A value that was read from a file ends with a line break.
  const trimmed = Object.entries(environment).map(([name, value]) => [name, value?.trim() ?? ''])
  const given = Object.fromEntries(trimmed.filter(([, value]) => value !== ''))
  const decoded = variables.safeParse(given)
  if (!decoded.success) {
    throw new ConfigError(decoded.error.issues.map((issue) => `environment variable ${issue.path.join('.')}: ${issue.message}`))
  }
  const read = decoded.data
  return {
    host: read.HOST,
    port: read.PORT,
    configFile: read.DESKGRAPH_CONFIG ?? null,
    databaseUrl: read.DATABASE_URL ?? null,
    dataDir: read.DESKGRAPH_DATA_DIR ?? (read.DESKGRAPH_CONFIG === undefined ? null : join(workingDirectory, '.deskgraph')),
    redisUrl: read.REDIS_URL ?? null,
    secretsKey: read.DESKGRAPH_SECRETS_KEY ?? null,
    sandboxSystems: read.DESKGRAPH_SANDBOX?.split(/[\s,]+/).filter((name) => name !== '') ?? null,
    logLevel: read.LOG_LEVEL ?? null,
    // The lower-case name wins, as for curl.
    proxies: {
      https: read.https_proxy ?? read.HTTPS_PROXY ?? '',
      http: read.http_proxy ?? read.HTTP_PROXY ?? '',
      except: read.no_proxy ?? read.NO_PROXY ?? '',
    },
    performance: read.DESKGRAPH_PERFORMANCE === 'on',
  }
}

/** `[::1]`, as URLs write an IPv6 address, is `::1` to the operating system. */
function removeBrackets(host: string): string {
  const inner = host.slice(1, -1)
  return host === `[${inner}]` && isIPv6(inner) ? inner : host
}

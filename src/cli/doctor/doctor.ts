import { SingleBar } from 'cli-progress'
import { oauthOf, toAuth, toSecretKeys } from '../../config/gateway-config.ts'
import { findConfigWarnings, loadConfigForStart } from '../../config/load-config.ts'
import { ConfigError, type Environment } from '../../config/read-yaml.ts'
import { readSettings, type Settings } from '../../config/settings.ts'
import type { SecretKeys } from '../../sources/credentials/secret-keys.ts'
import { type Check, type FindingState, ok, problem, type Result, runChecks, warning } from './checks.ts'
import { type ConnectionObserver, observeConnections } from './connections.ts'
import { createIssuerCheck } from './issuer.ts'
import { createDataDirectoryCheck, createFileLimitCheck, createNodeCheck } from './machine.ts'
import { createPartnerChecks } from './partners.ts'
import { createReadTokens, createSignInCheck, createStoredSignIn, type ReadTokens } from './sign-ins.ts'
import { buildSources, type CheckedSource, createSourceCheck } from './sources.ts'
import { createEmbeddedCheck, createPostgresCheck, createRedisCheck } from './stores.ts'

/** Where the command writes. */
export interface DoctorOutput {
  readonly out: NodeJS.WriteStream
  /** Receives the progress bar, while `out` is a terminal. */
  readonly err: NodeJS.WriteStream
  readonly json: boolean
}

/**
 * `deskgraph doctor`: checks everything that the gateway of this environment works with, and says what to do. It changes nothing and sends no
 * delivery. Returns the exit code: 0, or 1 when there is a problem.
 */
export async function runDoctor(environment: Environment, output: DoctorOutput): Promise<0 | 1> {
  const observer = observeConnections()
  try {
    const { settings, results, config } = readConfiguration(environment)
    const keys = config && toSecretKeys(config, settings?.secretsKey ?? null)
    const readTokens = createReadTokens(settings?.databaseUrl ?? null, settings?.dataDir ?? null)
    // With the embedded database, tokens are read after all other checks.
    const signIn = createStoredSignIn(settings?.databaseUrl ? readTokens : async () => null, keys)
    const sources = config && settings ? await buildSources(config, { environment, proxies: settings.proxies, signIn }) : []
    const steps = createChecks({ environment, settings, config, sources, observer, keys, readTokens })
    const bar = createBar(output, steps.flat().length)
    const found: Result[] = []
    for (const checks of steps) found.push(...(await runChecks(checks, () => bar?.increment())))
    bar?.stop()
    await Promise.all(sources.map(({ built }) => built?.source.close?.()))
    return print([...results, ...found], output)
  } finally {
    observer.stop()
  }
}

interface CheckDeps extends Omit<ReadConfiguration, 'results'> {
  readonly environment: Environment
  readonly sources: readonly CheckedSource[]
  readonly observer: ConnectionObserver
  readonly keys: SecretKeys | null
  readonly readTokens: ReadTokens
}

/**
 * Steps of checks that run side by side, in the order in which their results are printed. The embedded database works in this thread: beside it,
 * other checks would measure wrong times.
 */
function createChecks(deps: CheckDeps): readonly (readonly Check[])[] {
  const { environment, settings, config, sources, observer } = deps
  const machine = [createNodeCheck(process.versions.node), createFileLimitCheck()]
  if (settings === null) return [machine]
  const { databaseUrl, redisUrl, proxies } = settings
  // The sandbox has a new history at each start: only a directory that the operator names is used for it.
  const dataDir = config?.sandbox ? environment.DESKGRAPH_DATA_DIR?.trim() || null : settings.dataDir
  const stores = createStoreChecks(databaseUrl, dataDir)
  const redis = redisUrl === null ? [] : [createRedisCheck(redisUrl)]
  const issuer = config === null ? [] : [createIssuerCheck(toAuth(config), observer, proxies)]
  const systems = sources.flatMap((source) => [
    createSourceCheck(source, observer),
    ...(source.built?.partners ? createPartnerChecks(source.built.partners, observer, proxies) : []),
  ])
  const signIns = sources.flatMap(({ key, config: source }) => {
    const oauth = oauthOf(source)
    return oauth === null ? [] : [createSignInCheck({ ...deps, key, oauth, proxies })]
  })
  if (databaseUrl === null) return [[...machine, ...redis, ...issuer, ...systems], stores, signIns]
  return [[...machine, ...stores, ...redis, ...issuer, ...systems, ...signIns]]
}

function createStoreChecks(databaseUrl: string | null, dataDir: string | null): readonly Check[] {
  if (databaseUrl !== null) return [createPostgresCheck(databaseUrl)]
  return [...(dataDir === null ? [] : [createDataDirectoryCheck(dataDir)]), createEmbeddedCheck(dataDir)]
}

interface ReadConfiguration {
  readonly results: readonly Result[]
  /** null: the environment variables have faults. */
  readonly settings: Settings | null
  /** null: there is no file, or it has faults of its own. */
  readonly config: ReturnType<typeof loadConfigForStart>['config'] | null
}

/** The environment variables, the configuration file and its linked files, with the place of each fault. */
function readConfiguration(environment: Environment): ReadConfiguration {
  const check = 'configuration'
  const toFault = (line: string) => ({ check, ...problem(`${line}.`, 'Correct it at this place.') })
  let settings: Settings | null = null
  try {
    settings = readSettings(environment, process.cwd())
    if (settings.configFile === null) {
      const found = 'DESKGRAPH_CONFIG is not set: a gateway that starts in this way runs the sandbox.'
      return { results: [{ check, ...warning(found, 'Set DESKGRAPH_CONFIG, as the gateway has it.') }], settings, config: null }
    }
    const { config, linkedFaults } = loadConfigForStart(settings.configFile, settings.host, environment)
    if (linkedFaults.length > 0) return { results: linkedFaults.map(toFault), settings, config }
    const warnings = findConfigWarnings(config, environment)
    const count = Object.keys(config.sources).length
    return {
      results: [
        {
          check,
          ...ok(`The file and its linked files are good: ${count} source${count === 1 ? '' : 's'}, auth ${config.auth.mode}.`),
        },
        ...warnings.map((line) => ({ check, ...warning(line, 'Correct it, unless it is meant so.') })),
      ],
      settings,
      config,
    }
  } catch (error) {
    if (error instanceof ConfigError) return { results: error.lines.map(toFault), settings, config: null }
    throw error
  }
}

function createBar({ out, err, json }: DoctorOutput, total: number): SingleBar | null {
  if (!out.isTTY || json) return null
  const bar = new SingleBar({ format: '[{bar}] {value} of {total} checks', stream: err, hideCursor: true, clearOnComplete: true })
  bar.start(total, 0)
  return bar
}

function print(results: readonly Result[], { out, json }: DoctorOutput): 0 | 1 {
  const count = (state: FindingState) => results.filter((result) => result.state === state).length
  const [problems, warnings] = [count('PROBLEM'), count('WARNING')]
  if (json) {
    out.write(`${JSON.stringify({ problems, warnings, results }, null, 2)}\n`)
  } else {
    const width = Math.max(...results.map(({ check }) => check.length))
    for (const { state, check, found, action } of results) {
      out.write(`${state.padEnd(7)}  ${check.padEnd(width)}  ${found}${action === null ? '' : ` ${action}`}\n`)
    }
    out.write(`${problems} problem${problems === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}.\n`)
  }
  return problems > 0 ? 1 : 0
}

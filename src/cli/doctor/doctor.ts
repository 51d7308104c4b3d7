import { SingleBar } from 'cli-progress'
import { toAuth } from '../../config/gateway-config.ts'
import { findConfigWarnings, loadConfigForStart } from '../../config/load-config.ts'
import { ConfigError, type Environment } from '../../config/read-yaml.ts'
import { readSettings, type Settings } from '../../config/settings.ts'
import { type Check, type FindingState, ok, problem, type Result, runChecks, warning } from './checks.ts'
import { type ConnectionObserver, observeConnections } from './connections.ts'
import { createIssuerCheck } from './issuer.ts'
import { createDataDirectoryCheck, createFileLimitCheck, createNodeCheck } from './machine.ts'
import { createPartnerChecks } from './partners.ts'
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
    const sources = config && settings ? await buildSources(config, { environment, proxies: settings.proxies }) : []
    const { sideBySide, afterwards } = createChecks({ environment, settings, config, sources, observer })
    const bar = createBar(output, sideBySide.length + afterwards.length)
    const onDone = () => bar?.increment()
    const found = [...(await runChecks(sideBySide, onDone)), ...(await runChecks(afterwards, onDone))]
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
}

interface Checks {
  readonly sideBySide: readonly Check[]
  /** The embedded database works in this thread: beside it, other checks would measure wrong times. */
  readonly afterwards: readonly Check[]
}

/** In the order in which their results are printed. */
function createChecks({ environment, settings, config, sources, observer }: CheckDeps): Checks {
  const machine = [createNodeCheck(process.versions.node), createFileLimitCheck()]
  if (settings === null) return { sideBySide: machine, afterwards: [] }
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
  return {
    sideBySide: [...machine, ...(databaseUrl === null ? [] : stores), ...redis, ...issuer, ...systems],
    afterwards: databaseUrl === null ? stores : [],
  }
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

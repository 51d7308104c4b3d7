import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts'
import type { GatewayConfig } from '../../src/config/gateway-config.ts'
import { readSettings } from '../../src/config/settings.ts'
import { type StartedSandbox, startSandbox } from '../../src/gateway-process.ts'
import { startGateway } from '../../src/server.ts'

// biome-ignore lint/suspicious/noExplicitAny: each test compares the fields of its answers
type Data = any
interface Answer {
  readonly data?: Data
  readonly errors?: readonly { readonly path?: unknown; readonly message: string; readonly extensions: Data }[]
  readonly extensions?: Data
}

/** A gateway over the sandbox, on free ports. */
export interface GatewayUnderTest {
  readonly url: string
  /** Resolves when every acknowledged event is applied. */
  idle(): Promise<void>
  readonly sandbox: Sandbox
  /** Executes an operation and returns its data. Throws when the answer has errors. */
  ask(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Data>
  /** Executes an operation and returns the answer with its errors. */
  answer(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>
  close(): Promise<void>
}

/** How a test wants its gateway. */
export interface GatewayUnderTestOptions {
  readonly sandbox?: SandboxOptions
  /** Sends the history of the event-fed systems before the test. Default: true. */
  readonly replayHistory?: boolean
  readonly config?: (config: GatewayConfig) => GatewayConfig
  readonly environment?: Readonly<Record<string, string>>
  /** Collects the log lines at level debug. Absent: the gateway logs nothing. */
  readonly log?: string[]
}

/** Starts the sandbox and a gateway over it. Resolves when the gateway has applied every event of the history. */
export async function startGatewayUnderTest({
  sandbox: options = {},
  replayHistory = true,
  config = (unchanged) => unchanged,
  environment = {},
  log,
}: GatewayUnderTestOptions = {}): Promise<GatewayUnderTest> {
  const started: StartedSandbox = await startSandbox(null, options)
  const gateway = await startGateway({
    config: config(withoutLoadLimits(started.config)),
    settings: readSettings({ PORT: '0', LOG_LEVEL: log ? 'debug' : 'silent', ...environment }, process.cwd()),
    logStream: log && { write: (line) => void log.push(line) },
    environment: {},
    console: null,
    prepare: replayHistory ? started.replayHistory : undefined,
  })
  await gateway.idle()
  const answer: GatewayUnderTest['answer'] = async (query, variables, headers = {}) => {
    const body = JSON.stringify({ query, variables })
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    return response.json() as Promise<Answer>
  }
  return {
    url: gateway.url,
    idle: gateway.idle,
    sandbox: started.sandbox,
    answer,
    async ask(query, variables, headers) {
      const { data, errors } = await answer(query, variables, headers)
      if (errors) throw new Error(`The graph answered with errors: ${JSON.stringify(errors)}`)
      return data
    },
    async close() {
      await gateway.close()
      await started.close()
    },
  }
}

/** Turns off load shedding, which a busy test machine would trigger, and the audit lines in the output. */
function withoutLoadLimits(config: GatewayConfig): GatewayConfig {
  const overload = { ...config.limits.overload, eventLoopLagMs: 60_000 }
  const audit = { file: '/dev/null' }
  return { ...config, limits: { ...config.limits, overload }, observability: { ...config.observability, audit } }
}

import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts'
import type { GatewayConfig } from '../../src/config/gateway-config.ts'
import { readSettings } from '../../src/config/settings.ts'
import { type StartedSandbox, startSandbox } from '../../src/server/start-sandbox.ts'
import { type Gateway, startGateway } from '../../src/server.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are compared whole, field by field, by their tests
type Data = any
interface Answer {
  readonly data?: Data
  readonly errors?: readonly { readonly path?: unknown; readonly message: string; readonly extensions: Data }[]
  readonly extensions?: Data
}

/** A whole gateway over the whole sandbox, on free ports. */
export interface GatewayUnderTest {
  readonly url: string
  readonly gateway: Gateway
  readonly sandbox: Sandbox
  /** Asks the graph. Throws when there are errors. */
  ask(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Data>
  /** The same with errors as data. */
  answer(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>
  close(): Promise<void>
}

export interface Given {
  readonly sandbox?: SandboxOptions
  /** Sends the history of the event-fed systems first. Default: true. */
  readonly fed?: boolean
  readonly config?: (config: GatewayConfig) => GatewayConfig
  readonly environment?: Readonly<Record<string, string>>
}

export async function startGatewayUnderTest({
  sandbox: options = {},
  fed = true,
  config = (same) => same,
  environment = {},
}: Given = {}): Promise<GatewayUnderTest> {
  const started: StartedSandbox = await startSandbox(null, options)
  const gateway = await startGateway({
    config: config(patient(started.config)),
    settings: readSettings({ PORT: '0', LOG_LEVEL: 'silent', ...environment }, process.cwd()),
    environment: {},
    consoleFolder: null,
    prepare: fed ? started.feed : undefined,
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
    gateway,
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

/** On a busy machine the event loop waits for the processor, which is not the overload that these tests are about; and audit lines would fill their output. */
function patient(config: GatewayConfig): GatewayConfig {
  const overload = { ...config.limits.overload, eventLoopLagMs: 60_000 }
  const audit = { file: '/dev/null' }
  return { ...config, limits: { ...config.limits, overload }, observability: { ...config.observability, audit } }
}

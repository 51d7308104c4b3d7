import type { GatewayConfig } from '../config/gateway-config.ts'
import type { Gateway } from '../server.ts'

/** What a person at the terminal wants to know: what is served, where, and three things to try. */
export function describeGateway(gateway: Pick<Gateway, 'url' | 'console'>, config: GatewayConfig, isSandbox: boolean): string {
  const { url } = gateway
  const sources = Object.entries(config.sources).map(([key, { system }]) => (key === system ? key : `${key} (${system})`))
  const lines = [
    '',
    `  Deskgraph serves ${sources.length} sources at ${url}: ${sources.join(', ')}`,
    '',
    ...(gateway.console ? [`  GraphiQL        ${url}/graphql  (in a browser)`] : []),
    `  GraphQL         ${url}/graphql  (POST; WebSocket and SSE for subscriptions)`,
    `  Webhooks        ${url}/webhooks/{source}`,
    `  Health          ${url}/health/live  ${url}/health/ready`,
    `  Metrics         ${url}/metrics`,
    ...(isSandbox
      ? ['', '  This is the sandbox: simulated systems, nothing is kept. DESKGRAPH_CONFIG names a file for real ones.']
      : []),
    ...(config.auth.mode === 'none' ? ['', '  Three to try:', ...queries.map((query) => `    ${toCurl(url, query)}`)] : []),
    '',
  ]
  return lines.join('\n')
}

const queries = [
  '{ tickets(first: 5) { nodes { title status source { key } } sources { source { key } outcome returned } } }',
  '{ tickets(first: 3, filter: { status: [ESCALATED] }) { nodes { id title customer { name } vendor { vertical } links { externalId } } } }',
  '{ sources { key system mode actions health { state latencyP50Ms } } }',
]

function toCurl(url: string, query: string): string {
  return `curl -s ${url}/graphql -H 'content-type: application/json' -d '${JSON.stringify({ query })}'`
}

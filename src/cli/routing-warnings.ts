import { readFileSync } from 'node:fs'
import type { GatewayConfig } from '../config/gateway-config.ts'
import { readRouting } from '../config/load-config.ts'
import type { Environment } from '../config/read-yaml.ts'
import { findRoutingWarnings } from '../sources/rbi/routing-checks.ts'

/** What is allowed in the routing files and can hardly be meant. */
export function findRoutingWarningsOf(config: GatewayConfig, environment: Environment): string[] {
  return Object.values(config.sources).flatMap((source) => {
    if (source.system !== 'rbi') return []
    const routing = readRouting(readFileSync(source.routing, 'utf8'), source.routing, environment)
    return findRoutingWarnings(routing).map(({ path, problem }) => `${source.routing} ${path.join('.')}: ${problem}`)
  })
}

import type { createGatewayRuntime } from '@graphql-hive/gateway-runtime'

type Config = Parameters<typeof createGatewayRuntime>[0]

/** The router as docs/federation.md configures it. */
export const routerConfig = {
  supergraph: './supergraph.graphql',
  propagateHeaders: {
    fromClientToSubgraphs({ request }) {
      return { authorization: request.headers.get('authorization') }
    },
  },
} satisfies Config

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime'
import { composeServices, compositionHasErrors } from '@theguild/federation-composition'
import { parse } from 'graphql'
import { routerConfig } from '../router-config.ts'

interface Subgraph {
  readonly name: string
  readonly url: string
  readonly sdl: string
}

/** The supergraph of these subgraphs as SDL. Throws with what does not fit together. */
export function compose(subgraphs: readonly Subgraph[]): string {
  const composed = composeServices(subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })))
  if (compositionHasErrors(composed)) throw new Error(composed.errors.map(({ message }) => message).join('\n'))
  return composed.supergraphSdl
}

// biome-ignore lint/suspicious/noExplicitAny: each test compares the fields of its answers
type Data = any
interface Answer {
  readonly data?: Data
  readonly errors?: readonly { readonly path?: readonly unknown[]; readonly message: string; readonly extensions: Data }[]
  readonly extensions?: Data
}

export interface Router {
  readonly url: string
  ask(query: string, options?: { readonly token?: string | undefined; readonly variables?: object }): Promise<Answer>
  close(): Promise<void>
}

/** Hive Gateway over these subgraphs, with the configuration of the documentation. */
export async function startRouter(subgraphs: readonly Subgraph[]): Promise<Router> {
  const runtime = createGatewayRuntime({ ...routerConfig, supergraph: compose(subgraphs), logging: false })
  const server = createServer(runtime)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  return {
    url,
    async ask(query, { token, variables } = {}) {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
      return (await response.json()) as Answer
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await runtime[Symbol.asyncDispose]()
    },
  }
}

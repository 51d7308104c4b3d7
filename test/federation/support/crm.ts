import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { buildSchema, graphql } from 'graphql'

/** The other subgraph: it knows the customers of the sources by their numbers, and refers to tickets. */
export const crmSdl = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])

type Query {
  keyAccounts: [Customer]
  pinnedTickets: [Ticket]
}
type Customer @key(fields: "externalId source { key }") {
  externalId: String!
  source: Source!
  tier: String
}
type Source @key(fields: "key") {
  key: String!
}
type Agent @key(fields: "externalId source { key }") {
  externalId: String!
  source: Source!
  team: String
}
type Ticket @key(fields: "id", resolvable: false) {
  id: ID!
}
`

/** The same without the directives of federation, as its server executes it. */
const executable = buildSchema(`
scalar _Any
union _Entity = Customer | Agent
extend type Query { _entities(representations: [_Any!]!): [_Entity]! }
${crmSdl.replace(/^extend schema.*$/m, '').replaceAll(/ @key\([^)]*\)/g, '')}`)

/** Who a customer or an agent is at its source. */
export interface Reference {
  readonly externalId: string
  readonly source: { readonly key: string }
}

export interface Crm {
  readonly url: string
  keyAccounts: readonly Reference[]
  pinnedTickets: readonly { readonly id: string }[]
  /** The references of each `_entities` request. */
  readonly entityRequests: (readonly unknown[])[]
  /** The Authorization header of each request. */
  readonly authorizations: (string | undefined)[]
  /** True: every request is answered with 500. */
  broken: boolean
  close(): Promise<void>
}

/** Starts a small GraphQL server over HTTP. A gold customer has an even number. */
export async function startCrm(): Promise<Crm> {
  const server = createServer(async (request, response) => {
    const { query, variables } = JSON.parse(await text(request))
    crm.authorizations.push(request.headers.authorization)
    const result = crm.broken ? { errors: [{ message: 'out of order' }] } : await answer(query, variables)
    response.writeHead(crm.broken ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(result))
  })
  const toEntity = (representation: { readonly __typename: string } & Reference) => {
    const number = Number.parseInt(representation.externalId.replace(/\D/g, ''), 10) || 0
    return { ...representation, tier: number % 2 === 0 ? 'GOLD' : 'BASIC', team: `team of ${representation.externalId}` }
  }
  const answer = (source: string, variableValues: Record<string, unknown>) =>
    graphql({
      schema: executable,
      source,
      variableValues,
      rootValue: {
        keyAccounts: () => crm.keyAccounts.map((one) => toEntity({ __typename: 'Customer', ...one })),
        pinnedTickets: () => crm.pinnedTickets,
        _entities({ representations }: { representations: Parameters<typeof toEntity>[0][] }) {
          crm.entityRequests.push(representations)
          return representations.map(toEntity)
        },
      },
    })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const crm: Crm = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    keyAccounts: [],
    pinnedTickets: [],
    entityRequests: [],
    authorizations: [],
    broken: false,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return crm
}

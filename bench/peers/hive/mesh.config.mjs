import { defineConfig } from '@graphql-mesh/compose-cli'
import { loadOpenAPISubgraph } from '@omnigraph/openapi'

// UPSTREAM: the base URL of the simulated OneView; OUTPUT: where the supergraph goes.
export const composeConfig = defineConfig({
  output: process.env.OUTPUT,
  subgraphs: [
    {
      sourceHandler: loadOpenAPISubgraph('oneview', {
        source: './openapi.json',
        endpoint: process.env.UPSTREAM,
        operationHeaders: { authorization: 'Bearer bench' },
      }),
    },
  ],
  additionalTypeDefs: `
    extend type TicketLink {
      ticket: Ticket
        @resolveTo(
          sourceName: "oneview"
          sourceTypeName: "Query"
          sourceFieldName: "getTicket"
          requiredSelectionSet: "{ ticketId }"
          sourceArgs: { id: "{root.ticketId}" }
        )
    }
  `,
})

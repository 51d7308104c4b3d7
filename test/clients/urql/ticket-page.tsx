import { useState } from 'react'
import { gql, type TypedDocumentNode, useMutation, useQuery, useSubscription } from 'urql'

interface TicketFilter {
  readonly sources?: readonly string[]
  readonly status?: readonly string[]
}
interface Ticket {
  readonly id: string
  readonly title: string | null
  readonly status: string
  readonly reason: { readonly label: string | null } | null
}
interface TicketsData {
  readonly tickets: {
    readonly edges: readonly { readonly node: Ticket }[]
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean }
    readonly sources: readonly { readonly outcome: string; readonly source: { readonly id: string; readonly label: string } }[]
  }
}

const ticketFields = gql`
  fragment TicketFields on Ticket {
    id
    title
    status
    reason {
      ...ReasonFields
    }
  }
  fragment ReasonFields on TicketReason {
    label
  }
`
// relayPagination needs edges and pageInfo.
const tickets: TypedDocumentNode<TicketsData, { filter: TicketFilter; after: string | null }> = gql`
  query Tickets($filter: TicketFilter, $after: String) {
    tickets(first: 5, after: $after, filter: $filter) {
      edges {
        node {
          ...TicketFields
        }
      }
      pageInfo {
        startCursor
        endCursor
        hasNextPage
        hasPreviousPage
      }
      sources {
        outcome
        source {
          id
          label
        }
      }
    }
  }
  ${ticketFields}
`
const closeTicket = gql`
  mutation CloseTicket($input: CloseTicketInput!) {
    closeTicket(input: $input) {
      outcome
      ticket {
        ...TicketFields
      }
      userErrors {
        message
      }
    }
  }
  ${ticketFields}
`
const ticketChanged = gql`
  subscription TicketChanged($filter: TicketFilter, $after: String) {
    ticketChanged(filter: $filter, after: $after) {
      cursor
      ticket {
        ...TicketFields
      }
    }
  }
  ${ticketFields}
`

export function TicketPage({ filter }: { filter: TicketFilter }) {
  const [after, setAfter] = useState<string | null>(null)
  const [{ data, error }] = useQuery({ query: tickets, variables: { filter, after } })
  const [, close] = useMutation(closeTicket)
  // The cache joins tickets by their id: a change updates every list that shows the ticket.
  useSubscription({ query: ticketChanged, variables: { filter } })
  if (error) return <p role="alert">{error.message}</p>
  if (!data) return <p>Loading …</p>
  const { edges, pageInfo, sources } = data.tickets
  const missing = sources.filter(({ outcome }) => outcome !== 'OK' && outcome !== 'SKIPPED')
  return (
    <>
      <ul>
        {edges.map(({ node }) => (
          <li key={node.id} id={node.id}>
            {node.title} ({node.reason?.label}): {node.status}
            <button type="button" onClick={() => close({ input: { id: node.id, idempotencyKey: crypto.randomUUID() } })}>
              Close
            </button>
          </li>
        ))}
      </ul>
      {pageInfo.hasNextPage && (
        <button type="button" onClick={() => setAfter(pageInfo.endCursor)}>
          More
        </button>
      )}
      {missing.length > 0 && <p role="status">Missing: {missing.map(({ source }) => source.label).join(', ')}</p>}
    </>
  )
}

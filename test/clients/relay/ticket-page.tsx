import { Component, type ReactNode, Suspense, useMemo } from 'react'
import { graphql, useFragment, useLazyLoadQuery, useMutation, usePaginationFragment, useSubscription } from 'react-relay'
import type { ticketPageChangedSubscription } from './__generated__/ticketPageChangedSubscription.graphql.ts'
import type { ticketPageCloseMutation } from './__generated__/ticketPageCloseMutation.graphql.ts'
import type { ticketPageList$key } from './__generated__/ticketPageList.graphql.ts'
import type { ticketPageListQuery } from './__generated__/ticketPageListQuery.graphql.ts'
import type { TicketFilter, ticketPageQuery } from './__generated__/ticketPageQuery.graphql.ts'
import type { ticketPageReason$key } from './__generated__/ticketPageReason.graphql.ts'

export function TicketPage({ filter }: { filter: TicketFilter }) {
  return (
    <ErrorBoundary>
      <Suspense fallback={<p>Loading …</p>}>
        <TicketQuery filter={filter} />
      </Suspense>
    </ErrorBoundary>
  )
}

function TicketQuery({ filter }: { filter: TicketFilter }) {
  const query = useLazyLoadQuery<ticketPageQuery>(
    graphql`
      query ticketPageQuery($filter: TicketFilter) {
        ...ticketPageList @arguments(filter: $filter)
      }
    `,
    { filter },
  )
  // The store joins tickets by their id: a change updates every list that shows the ticket.
  const config = useMemo(() => ({ subscription: ticketChanged, variables: { filter } }), [filter])
  useSubscription<ticketPageChangedSubscription>(config)
  return <TicketList query={query} />
}

const ticketChanged = graphql`
  subscription ticketPageChangedSubscription($filter: TicketFilter, $after: String) {
    ticketChanged(filter: $filter, after: $after) {
      cursor
      ticket {
        id
        title
        status
      }
    }
  }
`

function TicketList({ query }: { query: ticketPageList$key }) {
  const { data, hasNext, loadNext } = usePaginationFragment<ticketPageListQuery, ticketPageList$key>(
    graphql`
      fragment ticketPageList on Query
      @argumentDefinitions(
        filter: { type: "TicketFilter" }
        first: { type: "Int", defaultValue: 5 }
        after: { type: "String" }
      )
      @refetchable(queryName: "ticketPageListQuery") {
        tickets(first: $first, after: $after, filter: $filter) @connection(key: "ticketPage_tickets") {
          edges {
            node {
              id
              title
              status
              reason {
                ...ticketPageReason
              }
            }
          }
          sources {
            outcome
            source {
              label
            }
          }
        }
      }
    `,
    query,
  )
  const [close] = useMutation<ticketPageCloseMutation>(graphql`
    mutation ticketPageCloseMutation($input: CloseTicketInput!) {
      closeTicket(input: $input) {
        outcome
        ticket {
          id
          title
          status
        }
        userErrors {
          message
        }
      }
    }
  `)
  // null: the whole list failed, and `errors` says why.
  const { edges, sources } = data.tickets ?? { edges: [], sources: [] }
  const missing = sources.filter(({ outcome }) => outcome !== 'OK' && outcome !== 'SKIPPED')
  return (
    <>
      <ul>
        {edges.map(({ node }) => (
          <li key={node.id} id={node.id}>
            {node.title} ({node.reason && <Reason reason={node.reason} />}): {node.status}
            <button
              type="button"
              onClick={() => close({ variables: { input: { id: node.id, idempotencyKey: crypto.randomUUID() } } })}
            >
              Close
            </button>
          </li>
        ))}
      </ul>
      {hasNext && (
        <button type="button" onClick={() => loadNext(5)}>
          More
        </button>
      )}
      {missing.length > 0 && <p role="status">Missing: {missing.map(({ source }) => source.label).join(', ')}</p>}
    </>
  )
}

function Reason({ reason }: { reason: ticketPageReason$key }) {
  const { label } = useFragment(
    graphql`
      fragment ticketPageReason on TicketReason {
        label
      }
    `,
    reason,
  )
  return label
}

/** Relay throws what it cannot show. */
class ErrorBoundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {}
  static getDerivedStateFromError(error: Error) {
    return { error }
  }
  override render() {
    return this.state.error ? <p role="alert">{this.state.error.message}</p> : this.props.children
  }
}

import { useMutation, useQuery, useSubscription } from '@apollo/client/react'
import { optimisticWrite } from '@deskgraph/client'
import { Failure, Loading } from '../shared/inbox.tsx'
import { useFirst } from '../shared/page.tsx'
import { type Reply, TicketView } from '../shared/ticket.tsx'
import { graphql } from './__generated__/gql.ts'

graphql(`
  fragment OpenTicket on Ticket {
    ...TicketRow
    description
    assignee {
      id
      externalId
      name
    }
    actions {
      action
      allowed
      reason
    }
  }
`)
// `last` alone opens a conversation at its end; with `before` it reads older entries, with `after` newer ones.
const ticketQuery = graphql(`
  query Ticket($id: ID!, $last: Int, $after: String, $before: String) {
    changeCursor
    ticket(id: $id) {
      ...OpenTicket
      timeline(last: $last, after: $after, before: $before) {
        edges {
          cursor
          node {
            __typename
            id
            at
            ... on ThreadMessage {
              text
              visibility
              author {
                kind
                name
              }
            }
            ... on TicketEvent {
              summary
            }
            ... on Delivery {
              partner
              state
            }
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
      }
    }
  }
`)
const changesSubscription = graphql(`
  subscription TicketChanges($id: ID!, $after: String) {
    ticketChanged(filter: { ids: [$id] }, after: $after) {
      cursor
      ticket {
        ...OpenTicket
      }
    }
  }
`)
const replyMutation = graphql(`
  mutation Reply($input: ReplyToTicketInput!) {
    replyToTicket(input: $input) {
      outcome
      userErrors {
        message
        retryable
      }
      ticket {
        ...OpenTicket
      }
    }
  }
`)
const closeMutation = graphql(`
  mutation Close($input: CloseTicketInput!) {
    closeTicket(input: $input) {
      outcome
      userErrors {
        message
        retryable
      }
      ticket {
        ...OpenTicket
      }
    }
  }
`)
const pageSize = 10

export function Ticket({ id }: { id: string }) {
  const { data, error, loading, fetchMore, refetch } = useQuery(ticketQuery, {
    variables: { id, last: pageSize },
    errorPolicy: 'all',
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  })
  const [sendReply] = useMutation(replyMutation)
  const [sendClose] = useMutation(closeMutation)
  const ticket = data?.ticket
  const timeline = ticket?.timeline
  const loadNewer = async () => {
    const after = timeline?.pageInfo.endCursor
    if (!after) return void (await refetch())
    const { data: newer } = await fetchMore({ variables: { last: pageSize, after } })
    // A full page: there may be more between what is shown and what came.
    if (newer?.ticket?.timeline?.edges.length === pageSize) await refetch()
  }
  useTicketChanges(id, useFirst(loading ? undefined : data?.changeCursor), loadNewer)
  if (!ticket) {
    if (loading) return <Loading what="the ticket" />
    return <Failure error={error ?? 'There is no such ticket, or you may not see it.'} onRetry={() => refetch()} />
  }
  return (
    <>
      {error && <Failure error={error} onRetry={() => refetch()} />}
      <TicketView
        ticket={ticket}
        entries={timeline?.edges.map(({ node }) => node) ?? []}
        hasOlder={timeline?.pageInfo.hasPreviousPage ?? false}
        loadOlder={() => fetchMore({ variables: { last: pageSize, before: timeline?.pageInfo.startCursor ?? null } })}
        reply={async (reply: Reply) => {
          const { data: answer } = await sendReply({ variables: { input: { id, ...reply } } })
          await loadNewer()
          return answer!.replyToTicket!
        }}
        close={async (idempotencyKey) => {
          const { data: answer } = await sendClose({
            variables: { input: { id, idempotencyKey } },
            // Shown at once. The answer has the ticket as it is now, also after a refusal.
            optimisticResponse: { closeTicket: optimisticWrite(ticket, { status: 'CLOSED' }) },
          })
          return answer!.closeTicket!
        }}
      />
    </>
  )
}

/** The cache takes the ticket of a change. Its new entries are read behind the last one that is shown. */
function useTicketChanges(id: string, after: string | null | undefined, loadNewer: () => Promise<void>): void {
  useSubscription(changesSubscription, {
    variables: { id, after: after ?? null },
    skip: after === undefined,
    onData: () => void loadNewer(),
  })
}

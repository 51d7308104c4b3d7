import { useClient, useMutation, useQuery, useSubscription } from 'urql'
import { Failure, Loading } from '../shared/inbox.tsx'
import { useFirst } from '../shared/page.tsx'
import { TicketView } from '../shared/ticket.tsx'
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
  const client = useClient()
  const [{ data, error, fetching, stale }, read] = useQuery({
    query: ticketQuery,
    variables: { id, last: pageSize },
    requestPolicy: 'cache-and-network',
  })
  const [, sendReply] = useMutation(replyMutation)
  const [, sendClose] = useMutation(closeMutation)
  const reload = () => read({ requestPolicy: 'network-only' })
  const ticket = data?.ticket
  const timeline = ticket?.timeline
  // The cache joins the pages of one conversation: a page that is read here appears in `timeline`.
  const readPage = (page: { after?: string | null; before?: string | null }) =>
    client.query(ticketQuery, { id, last: pageSize, ...page }, { requestPolicy: 'network-only' }).toPromise()
  const loadNewer = async () => {
    const after = timeline?.pageInfo.endCursor
    const newer = after ? await readPage({ after }) : undefined
    // A full page: there may be more between what is shown and what came.
    if (!newer || newer.data?.ticket?.timeline?.edges.length === pageSize) reload()
  }
  // The cache takes the ticket of a change. Its new entries are read behind the last one that is shown.
  const since = useFirst(fetching || stale ? undefined : data?.changeCursor)
  useSubscription(
    { query: changesSubscription, variables: { id, after: since ?? null }, pause: since === undefined },
    (_, change) => {
      void loadNewer()
      return change
    },
  )
  if (!ticket) {
    if (fetching) return <Loading what="the ticket" />
    return <Failure error={error ?? 'There is no such ticket, or you may not see it.'} onRetry={reload} />
  }
  return (
    <>
      {error && <Failure error={error} onRetry={reload} />}
      <TicketView
        ticket={ticket}
        entries={timeline?.edges.map(({ node }) => node) ?? []}
        hasOlder={timeline?.pageInfo.hasPreviousPage ?? false}
        loadOlder={() => readPage({ before: timeline?.pageInfo.startCursor ?? null })}
        reply={async (reply) => {
          const answer = await sendReply({ input: { id, ...reply } })
          if (!answer.data?.replyToTicket) throw answer.error
          await loadNewer()
          return answer.data.replyToTicket
        }}
        close={async (idempotencyKey) => {
          // The cache shows the ticket as closed at once. The answer has the ticket as it is now, also after a refusal.
          const answer = await sendClose({ input: { id, idempotencyKey } })
          if (!answer.data?.closeTicket) throw answer.error
          return answer.data.closeTicket
        }}
      />
    </>
  )
}

import { useMemo, useState } from 'react'
import {
  commitMutation,
  graphql,
  type PreloadedQuery,
  usePaginationFragment,
  usePreloadedQuery,
  useRelayEnvironment,
  useSubscription,
} from 'react-relay'
import {
  type Environment,
  type GraphQLTaggedNode,
  type MutationParameters,
  type RecordSourceSelectorProxy,
  readInlineData,
} from 'relay-runtime'
import { Failure } from '../shared/inbox.tsx'
import { useStable } from '../shared/page.tsx'
import { TicketView } from '../shared/ticket.tsx'
import type { ticketChangesSubscription } from './__generated__/ticketChangesSubscription.graphql.ts'
import type { ticketCloseMutation } from './__generated__/ticketCloseMutation.graphql.ts'
import type { ticketOpen$key } from './__generated__/ticketOpen.graphql.ts'
import type { ticketQuery as TicketQuery } from './__generated__/ticketQuery.graphql.ts'
import type { ticketReplyMutation } from './__generated__/ticketReplyMutation.graphql.ts'
import type { ticketTimeline$key } from './__generated__/ticketTimeline.graphql.ts'
import type { ticketTimelineQuery } from './__generated__/ticketTimelineQuery.graphql.ts'
import { Loaded } from './loaded.tsx'

const openFragment = graphql`
  fragment ticketOpen on Ticket @inline {
    id
    externalId
    title
    status
    priority
    updatedAt
    description
    source {
      label
    }
    customer {
      name
    }
    assignee {
      externalId
      name
    }
    actions {
      action
      allowed
      reason
    }
  }
`
const replyMutation = graphql`
  mutation ticketReplyMutation($input: ReplyToTicketInput!) {
    replyToTicket(input: $input) {
      outcome
      userErrors {
        message
        retryable
      }
      ticket {
        ...ticketOpen
      }
    }
  }
`
const closeMutation = graphql`
  mutation ticketCloseMutation($input: CloseTicketInput!) {
    closeTicket(input: $input) {
      outcome
      userErrors {
        message
        retryable
      }
      ticket {
        ...ticketOpen
      }
    }
  }
`

const ticketQuery = graphql`
  query ticketQuery($id: ID!) {
    changeCursor
    ticket(id: $id) {
      ...ticketOpen
      ...ticketTimeline @arguments(last: 10)
    }
  }
`

export function Ticket({ id }: { id: string }) {
  const variables = useMemo(() => ({ id }), [id])
  return (
    <Loaded<TicketQuery> query={ticketQuery} variables={variables} what="the ticket">
      {(reference, reload) => <ReadTicket id={id} reference={reference} reload={reload} />}
    </Loaded>
  )
}

interface ReadTicketProps {
  readonly id: string
  readonly reference: PreloadedQuery<TicketQuery>
  readonly reload: () => void
}

function ReadTicket({ id, reference, reload }: ReadTicketProps) {
  const { ticket, changeCursor } = usePreloadedQuery<TicketQuery>(ticketQuery, reference)
  if (!ticket) return <Failure error="There is no such ticket, or you may not see it." onRetry={reload} />
  return <TicketWithTimeline id={id} ticket={ticket} changeCursor={changeCursor ?? null} />
}

interface TicketWithTimelineProps {
  readonly id: string
  readonly ticket: ticketOpen$key & ticketTimeline$key
  readonly changeCursor: string | null
}

function TicketWithTimeline({ id, ticket: key, changeCursor }: TicketWithTimelineProps) {
  const environment = useRelayEnvironment()
  const ticket = readInlineData<ticketOpen$key>(openFragment, key)
  const { data, hasPrevious, loadPrevious, loadNext } = useTimeline(key)
  const loadNewer = () => new Promise<void>((resolve) => loadNext(50, { onComplete: () => resolve() }))
  const loadOlder = () => new Promise<void>((resolve) => loadPrevious(10, { onComplete: () => resolve() }))
  useTicketChanges(id, changeCursor, loadNewer)
  return (
    <TicketView
      ticket={ticket}
      entries={data.timeline?.edges.map(({ node }) => node) ?? []}
      hasOlder={hasPrevious}
      loadOlder={loadOlder}
      reply={async (reply) => {
        const { replyToTicket } = await commit<ticketReplyMutation>(environment, replyMutation, { input: { id, ...reply } })
        await loadNewer()
        return replyToTicket!
      }}
      close={async (idempotencyKey) => {
        const variables = { input: { id, idempotencyKey } }
        // Shown at once. The answer has the ticket as it is now, also after a refusal.
        const { closeTicket } = await commit<ticketCloseMutation>(environment, closeMutation, variables, (store) =>
          store.get(id)?.setValue('CLOSED', 'status'),
        )
        return closeTicket!
      }}
    />
  )
}

/**
 * The conversation grows at both ends. `last` has no default here: Relay would send it beside `first`, and a list takes one of them.
 */
function useTimeline(ticket: ticketTimeline$key) {
  return usePaginationFragment<ticketTimelineQuery, ticketTimeline$key>(
    graphql`
      fragment ticketTimeline on Ticket
      @argumentDefinitions(
        first: { type: "Int" }
        after: { type: "String" }
        last: { type: "Int" }
        before: { type: "String" }
      )
      @refetchable(queryName: "ticketTimelineQuery") {
        timeline(first: $first, after: $after, last: $last, before: $before) @connection(key: "ticket_timeline") {
          edges {
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
        }
      }
    `,
    ticket,
  )
}

/** The store takes the ticket of a change. Its new entries are read behind the last one that is shown. */
function useTicketChanges(id: string, changeCursor: string | null, loadNewer: () => Promise<void>): void {
  const [after] = useState(changeCursor)
  const onNext = useStable(loadNewer)
  useSubscription<ticketChangesSubscription>(
    useMemo(
      () => ({
        subscription: graphql`
          subscription ticketChangesSubscription($id: ID!, $after: String) {
            ticketChanged(filter: { ids: [$id] }, after: $after) {
              cursor
              ticket {
                ...ticketOpen
              }
            }
          }
        `,
        variables: { id, after },
        onNext,
      }),
      [id, after, onNext],
    ),
  )
}

/** A mutation as a promise. */
function commit<Mutation extends MutationParameters>(
  environment: Environment,
  mutation: GraphQLTaggedNode,
  variables: Mutation['variables'],
  optimisticUpdater: (store: RecordSourceSelectorProxy) => void = () => {},
): Promise<Mutation['response']> {
  return new Promise((resolve, reject) => {
    commitMutation<Mutation>(environment, {
      mutation,
      variables,
      optimisticUpdater,
      onCompleted: resolve,
      onError: reject,
    })
  })
}

import { useMemo, useState } from 'react'
import { fetchQuery, graphql, useLazyLoadQuery, usePaginationFragment, useRelayEnvironment, useSubscription } from 'react-relay'
import { ConnectionHandler, readInlineData } from 'relay-runtime'
import { SourceNotices, StatusFilter, TicketList } from '../shared/inbox.tsx'
import { useDelayed, useStable } from '../shared/page.tsx'
import type { inboxChangesSubscription } from './__generated__/inboxChangesSubscription.graphql.ts'
import type { inboxCountsQuery } from './__generated__/inboxCountsQuery.graphql.ts'
import type { inboxList$key } from './__generated__/inboxList.graphql.ts'
import type { inboxListQuery } from './__generated__/inboxListQuery.graphql.ts'
import type { inboxQuery, TicketFilter, TicketStatus } from './__generated__/inboxQuery.graphql.ts'
import type { inboxRow$key } from './__generated__/inboxRow.graphql.ts'
import { Boundary } from './boundary.tsx'

// Inline, because the list is drawn by a component that knows no Relay.
const rowFragment = graphql`
  fragment inboxRow on Ticket @inline {
    id
    externalId
    title
    status
    priority
    updatedAt
    source {
      label
    }
    customer {
      name
    }
  }
`
const countsQuery = graphql`
  query inboxCountsQuery {
    ticketCounts(by: STATUS) {
      groups {
        key
        count
        exact
      }
    }
  }
`

/** The counts, the filter and the list. */
export function Inbox({ openId }: { openId: string | null }) {
  const [status, setStatus] = useState<string | null>(null)
  const filter = useMemo<TicketFilter>(() => (status === null ? {} : { status: [status as TicketStatus] }), [status])
  return (
    <>
      <Boundary what="counts" instead={<StatusFilter groups={[]} chosen={status} onChoose={setStatus} />}>
        {() => <Counts status={status} onChoose={setStatus} />}
      </Boundary>
      <Boundary key={status} what="tickets">
        {(attempt, reload) => <List filter={filter} openId={openId} attempt={attempt} reload={reload} />}
      </Boundary>
    </>
  )
}

function Counts({ status, onChoose }: { status: string | null; onChoose: (status: string | null) => void }) {
  const { ticketCounts } = useLazyLoadQuery<inboxCountsQuery>(countsQuery, {})
  return <StatusFilter groups={ticketCounts?.groups ?? []} chosen={status} onChoose={onChoose} />
}

interface ListProps {
  readonly filter: TicketFilter
  readonly openId: string | null
  readonly attempt: number
  readonly reload: () => void
}

function List({ filter, openId, attempt, reload }: ListProps) {
  // `changeCursor` is read before the list: a subscription behind it misses no change of the list.
  const query = useLazyLoadQuery<inboxQuery>(
    graphql`
      query inboxQuery($filter: TicketFilter) {
        changeCursor
        ...inboxList @arguments(filter: $filter)
      }
    `,
    { filter },
    { fetchPolicy: 'store-and-network', fetchKey: attempt },
  )
  const { data, hasNext, isLoadingNext, loadNext } = usePaginationFragment<inboxListQuery, inboxList$key>(
    graphql`
      fragment inboxList on Query
      @argumentDefinitions(
        filter: { type: "TicketFilter" }
        first: { type: "Int", defaultValue: 20 }
        after: { type: "String" }
      )
      @refetchable(queryName: "inboxListQuery") {
        tickets(first: $first, after: $after, filter: $filter) @connection(key: "inbox_tickets", filters: ["filter"]) {
          edges {
            node {
              ...inboxRow
            }
          }
          sources {
            outcome
            retryAt
            source {
              key
              label
            }
          }
        }
      }
    `,
    query,
  )
  const [since] = useState(query.changeCursor)
  useChanges(filter, since, reload)
  // null: the whole list failed, and `errors` says why.
  const { edges, sources } = data.tickets ?? { edges: [], sources: [] }
  return (
    <>
      <SourceNotices sources={sources} onRetry={reload} />
      <TicketList
        rows={edges.map(({ node }) => readInlineData<inboxRow$key>(rowFragment, node))}
        openId={openId}
        hasMore={hasNext}
        isLoadingMore={isLoadingNext}
        onMore={() => loadNext(20)}
      />
    </>
  )
}

const changesSubscription = graphql`
  subscription inboxChangesSubscription($filter: TicketFilter, $after: String) {
    ticketChanged(filter: $filter, after: $after) {
      cursor
      gap
      matches
      ticket {
        id
        ...inboxRow
      }
    }
  }
`

/** The store updates the rows by their id. What it cannot know is whether a ticket came into the list or left it. */
function useChanges(filter: TicketFilter, after: string | null | undefined, reload: () => void): void {
  const environment = useRelayEnvironment()
  const countAgain = useDelayed(() => fetchQuery(environment, countsQuery, {}, { fetchPolicy: 'network-only' }).toPromise())
  const onNext = useStable((response: inboxChangesSubscription['response'] | null | undefined) => {
    countAgain()
    // Changes were lost: only the gateway knows the list.
    if (response?.ticketChanged.gap) reload()
  })
  useSubscription<inboxChangesSubscription>(
    useMemo(
      () => ({
        subscription: changesSubscription,
        variables: { filter, after: after ?? null },
        onNext,
        updater(store, response) {
          const list = ConnectionHandler.getConnection(store.getRoot(), 'inbox_tickets', { filter })
          const ticket = store.getRootField('ticketChanged')?.getLinkedRecord('ticket')
          if (!list || !ticket) return
          if (response?.ticketChanged.matches === false) return ConnectionHandler.deleteNode(list, ticket.getDataID())
          const shown = list.getLinkedRecords('edges') ?? []
          if (shown.some((edge) => edge?.getLinkedRecord('node') === ticket)) return
          ConnectionHandler.insertEdgeBefore(list, ConnectionHandler.createEdge(store, list, ticket, 'TicketEdge'))
        },
      }),
      [filter, after, onNext],
    ),
  )
}

import { applyTicketChange } from '@deskgraph/client/relay'
import { useMemo, useState } from 'react'
import {
  fetchQuery,
  graphql,
  type PreloadedQuery,
  usePaginationFragment,
  usePreloadedQuery,
  useRelayEnvironment,
  useSubscription,
} from 'react-relay'
import { ConnectionHandler, readInlineData } from 'relay-runtime'
import { SourceNotices, StatusFilter, TicketList } from '../shared/inbox.tsx'
import { useDelayed, useStable } from '../shared/page.tsx'
import type { inboxChangesSubscription } from './__generated__/inboxChangesSubscription.graphql.ts'
import type { inboxCountsQuery } from './__generated__/inboxCountsQuery.graphql.ts'
import type { inboxList$key } from './__generated__/inboxList.graphql.ts'
import type { inboxListQuery } from './__generated__/inboxListQuery.graphql.ts'
import type { inboxQuery, TicketFilter, TicketStatus } from './__generated__/inboxQuery.graphql.ts'
import type { inboxRow$key } from './__generated__/inboxRow.graphql.ts'
import { Loaded } from './loaded.tsx'

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

// `changeCursor` is read before the list: a subscription behind it misses no change of the list.
const listQuery = graphql`
  query inboxQuery($filter: TicketFilter) {
    changeCursor
    ...inboxList @arguments(filter: $filter)
  }
`

/** The counts, the filter and the list. */
export function Inbox({ openId }: { openId: string | null }) {
  const [status, setStatus] = useState<string | null>(null)
  const variables = useMemo(() => ({ filter: status === null ? {} : { status: [status as TicketStatus] } }), [status])
  const withoutCounts = <StatusFilter groups={[]} chosen={status} onChoose={setStatus} />
  return (
    <>
      <Loaded<inboxCountsQuery> query={countsQuery} variables={none} what="counts" instead={withoutCounts}>
        {(reference) => <Counts reference={reference} status={status} onChoose={setStatus} />}
      </Loaded>
      <Loaded<inboxQuery> key={status} query={listQuery} variables={variables} what="tickets">
        {(reference, reload) => <List reference={reference} filter={variables.filter} openId={openId} reload={reload} />}
      </Loaded>
    </>
  )
}
const none = {}

interface CountsProps {
  readonly reference: PreloadedQuery<inboxCountsQuery>
  readonly status: string | null
  readonly onChoose: (status: string | null) => void
}

function Counts({ reference, status, onChoose }: CountsProps) {
  const { ticketCounts } = usePreloadedQuery<inboxCountsQuery>(countsQuery, reference)
  return <StatusFilter groups={ticketCounts?.groups ?? []} chosen={status} onChoose={onChoose} />
}

interface ListProps {
  readonly reference: PreloadedQuery<inboxQuery>
  readonly filter: TicketFilter
  readonly openId: string | null
  readonly reload: () => void
}

function List({ reference, filter, openId, reload }: ListProps) {
  const query = usePreloadedQuery<inboxQuery>(listQuery, reference)
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

/** The store updates the rows by their id. `applyTicketChange` moves a ticket that came into the list, left it or has another place in it. */
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
          if (response) applyTicketChange(store, list, response.ticketChanged)
        },
      }),
      [filter, after, onNext],
    ),
  )
}

import { NetworkStatus } from '@apollo/client'
import { useApolloClient, useQuery, useSubscription } from '@apollo/client/react'
import { applyTicketChange } from '@deskgraph/client/apollo'
import { useState } from 'react'
import { Failure, Loading, SourceNotices, StatusFilter, TicketList } from '../shared/inbox.tsx'
import { useDelayed, useFirst } from '../shared/page.tsx'
import { graphql } from './__generated__/gql.ts'
import type { TicketFilter, TicketStatus } from './__generated__/graphql.ts'

graphql(`
  fragment TicketRow on Ticket {
    id
    externalId
    title
    status
    priority
    updatedAt
    source {
      id
      label
    }
    customer {
      id
      name
    }
  }
`)
// `changeCursor` is read before the list: a subscription behind it misses no change of the list.
const inboxQuery = graphql(`
  query Inbox($filter: TicketFilter, $after: String) {
    changeCursor
    tickets(first: 20, after: $after, filter: $filter) {
      edges {
        cursor
        node {
          ...TicketRow
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      sources {
        outcome
        retryAt
        source {
          id
          key
          label
        }
      }
    }
  }
`)
const countsQuery = graphql(`
  query Counts {
    ticketCounts(by: STATUS) {
      groups {
        key
        count
        exact
      }
    }
  }
`)
const changesSubscription = graphql(`
  subscription Changes($filter: TicketFilter, $after: String) {
    ticketChanged(filter: $filter, after: $after) {
      cursor
      gap
      matches
      ticket {
        ...TicketRow
      }
    }
  }
`)

/** The counts, the filter and the list. */
export function Inbox({ openId }: { openId: string | null }) {
  const [status, setStatus] = useState<string | null>(null)
  const counts = useQuery(countsQuery)
  return (
    <>
      <StatusFilter groups={counts.data?.ticketCounts?.groups ?? []} chosen={status} onChoose={setStatus} />
      <List key={status} filter={status === null ? {} : { status: [status as TicketStatus] }} openId={openId} />
    </>
  )
}

function List({ filter, openId }: { filter: TicketFilter; openId: string | null }) {
  const { data, error, loading, networkStatus, fetchMore, refetch } = useQuery(inboxQuery, {
    variables: { filter },
    // A failure of one part leaves the others on the page.
    errorPolicy: 'all',
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  })
  useChanges(filter, useFirst(loading ? undefined : data?.changeCursor), refetch)
  const list = data?.tickets
  if (!list) return error ? <Failure error={error} onRetry={() => refetch()} /> : <Loading what="tickets" />
  const { edges, pageInfo, sources } = list
  return (
    <>
      {error && <Failure error={error} onRetry={() => refetch()} />}
      <SourceNotices sources={sources} onRetry={() => refetch()} />
      <TicketList
        rows={edges.map(({ node }) => node)}
        openId={openId}
        hasMore={pageInfo.hasNextPage}
        isLoadingMore={networkStatus === NetworkStatus.fetchMore}
        onMore={() => fetchMore({ variables: { after: pageInfo.endCursor } })}
      />
    </>
  )
}

/** The cache updates the rows by their id. `applyTicketChange` moves a ticket that came into the list, left it or has another place in it. */
function useChanges(filter: TicketFilter, after: string | null | undefined, reload: () => Promise<unknown>): void {
  const client = useApolloClient()
  const countAgain = useDelayed(() => client.refetchQueries({ include: [countsQuery] }))
  useSubscription(changesSubscription, {
    variables: { filter, after: after ?? null },
    skip: after === undefined,
    onData({ data: { data } }) {
      if (!data) return
      countAgain()
      const haveChangesBeenLost = applyTicketChange(client.cache, data.ticketChanged, filter)
      if (haveChangesBeenLost) void reload()
    },
  })
}

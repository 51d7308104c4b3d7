import { NetworkStatus } from '@apollo/client'
import { useApolloClient, useQuery, useSubscription } from '@apollo/client/react'
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
  if (!list) return error ? <Failure message={error.message} onRetry={() => refetch()} /> : <Loading what="tickets" />
  const { edges, pageInfo, sources } = list
  return (
    <>
      {error && <Failure message={error.message} onRetry={() => refetch()} />}
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

/** The cache updates the rows by their id. What the cache cannot know is whether a ticket came into the list or left it. */
function useChanges(filter: TicketFilter, after: string | null | undefined, reload: () => Promise<unknown>): void {
  const client = useApolloClient()
  const countAgain = useDelayed(() => client.refetchQueries({ include: [countsQuery] }))
  useSubscription(changesSubscription, {
    variables: { filter, after: after ?? null },
    skip: after === undefined,
    onData({ data: { data } }) {
      if (!data) return
      countAgain()
      const { gap, matches, ticket } = data.ticketChanged
      // Changes were lost: only the gateway knows the list.
      if (gap) return void reload()
      client.cache.updateQuery({ query: inboxQuery, variables: { filter } }, (inbox) => {
        if (!inbox?.tickets) return inbox
        const { edges } = inbox.tickets
        const isShown = edges.some(({ node }) => node.id === ticket.id)
        if (isShown === matches) return inbox
        const others = edges.filter(({ node }) => node.id !== ticket.id)
        const changed = matches ? [{ __typename: 'TicketEdge' as const, cursor: '', node: ticket }, ...others] : others
        return { ...inbox, tickets: { ...inbox.tickets, edges: changed } }
      })
    },
  })
}

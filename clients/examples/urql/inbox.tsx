import { useState } from 'react'
import { useQuery, useSubscription } from 'urql'
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
  const [{ data }, read] = useQuery({ query: countsQuery })
  const countAgain = useDelayed(() => read({ requestPolicy: 'network-only' }))
  return (
    <>
      <StatusFilter groups={data?.ticketCounts?.groups ?? []} chosen={status} onChoose={setStatus} />
      <List
        key={status}
        filter={status === null ? {} : { status: [status as TicketStatus] }}
        openId={openId}
        onChange={countAgain}
      />
    </>
  )
}

interface ListProps {
  readonly filter: TicketFilter
  readonly openId: string | null
  readonly onChange: () => void
}

function List({ filter, openId, onChange }: ListProps) {
  const [after, setAfter] = useState<string | null>(null)
  const [{ data, error, fetching, stale }, read] = useQuery({
    query: inboxQuery,
    variables: { filter, after },
    // The first page is read again when the list is opened. A page behind it is read once.
    requestPolicy: after === null ? 'cache-and-network' : 'cache-first',
  })
  const reload = () => {
    setAfter(null)
    if (after === null) read({ requestPolicy: 'network-only' })
  }
  const since = useFirst(fetching || stale ? undefined : data?.changeCursor)
  // The cache updates the rows by their id, and moves a ticket that came into the list, left it or has another place in it.
  useSubscription(
    { query: changesSubscription, variables: { filter, after: since ?? null }, pause: since === undefined },
    (_, change) => {
      onChange()
      // Changes were lost: only the gateway knows the list.
      if (change.ticketChanged.gap) reload()
      return change
    },
  )
  const list = data?.tickets
  if (!list) return error ? <Failure error={error} onRetry={reload} /> : <Loading what="tickets" />
  const { edges, pageInfo, sources } = list
  return (
    <>
      {error && <Failure error={error} onRetry={reload} />}
      <SourceNotices sources={sources} onRetry={reload} />
      <TicketList
        rows={edges.map(({ node }) => node)}
        openId={openId}
        hasMore={pageInfo.hasNextPage}
        isLoadingMore={fetching || stale}
        onMore={() => setAfter(pageInfo.endCursor ?? null)}
      />
    </>
  )
}

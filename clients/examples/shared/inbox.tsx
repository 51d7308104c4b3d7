import type { ReactNode } from 'react'
import { describeError, formatTime, label, missingSources, type SourceReport } from './format.ts'
import { ticketLink } from './page.tsx'

// The list as it looks. Where its data comes from is in the folder of each library.

export interface TicketRow {
  readonly id: string
  readonly externalId: string
  readonly title?: string | null
  readonly status: string
  readonly priority?: string | null
  readonly updatedAt?: string | null
  readonly source: { readonly label: string }
  readonly customer?: { readonly name?: string | null } | null
}

interface StatusFilterProps {
  readonly groups: readonly { readonly key?: string | null; readonly count: number; readonly exact: boolean }[]
  readonly chosen: string | null
  readonly onChoose: (status: string | null) => void
}

const statuses = ['NEW', 'OPEN', 'IN_PROGRESS', 'PENDING', 'ON_HOLD', 'ESCALATED', 'RESOLVED', 'CLOSED', 'CANCELLED']

/** One button for each status. "12+" says that not every source could count; no number, that none could. */
export function StatusFilter({ groups, chosen, onChoose }: StatusFilterProps) {
  return (
    <fieldset className="filter">
      <legend className="visually-hidden">Status</legend>
      <button type="button" aria-pressed={chosen === null} onClick={() => onChoose(null)}>
        All
      </button>
      {statuses.map((status) => {
        const group = groups.find(({ key }) => key === status)
        return (
          <button type="button" key={status} aria-pressed={status === chosen} onClick={() => onChoose(status)}>
            {label(status)}
            {group && <span className="count">{` ${group.count}${group.exact ? '' : '+'}`}</span>}
          </button>
        )
      })}
    </fieldset>
  )
}

/** Says which sources are missing from a list, and offers to read it again. */
export function SourceNotices({ sources, onRetry }: { sources: readonly SourceReport[]; onRetry: () => void }) {
  const missing = missingSources(sources)
  if (missing.length === 0) return null
  return (
    <div className="notice" role="status">
      {missing.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  )
}

interface TicketListProps {
  readonly rows: readonly TicketRow[]
  readonly openId: string | null
  readonly hasMore: boolean
  readonly isLoadingMore: boolean
  readonly onMore: () => void
}

export function TicketList({ rows, openId, hasMore, isLoadingMore, onMore }: TicketListProps) {
  return (
    <>
      {rows.length === 0 && !hasMore && <p className="empty">No ticket has this status.</p>}
      <ul className="tickets" aria-label="Tickets">
        {rows.map((row) => (
          <li key={row.id}>
            <a href={ticketLink(row.id)} aria-current={row.id === openId ? 'true' : undefined}>
              <span className="title">{row.title ?? `Ticket ${row.externalId}`}</span>
              <StatusBadge status={row.status} />
              <span className="meta">
                {row.source.label}
                {row.customer?.name && ` · ${row.customer.name}`}
              </span>
              {row.updatedAt && <time dateTime={row.updatedAt}>{formatTime(row.updatedAt)}</time>}
            </a>
          </li>
        ))}
      </ul>
      {hasMore && (
        <button type="button" className="more" disabled={isLoadingMore} onClick={onMore}>
          {isLoadingMore ? 'Loading …' : 'Show more'}
        </button>
      )}
    </>
  )
}

export function StatusBadge({ status }: { status: string }) {
  return <span className={`status ${status.toLowerCase()}`}>{label(status)}</span>
}

/** A failure of a whole part of the page. What was loaded before stays visible as `children`. */
export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }): ReactNode {
  return (
    <div className="failure" role="alert">
      <p>{typeof error === 'string' ? error : describeError(error)}</p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  )
}

export function Loading({ what }: { what: string }) {
  return (
    <p className="loading" role="status">
      Loading {what} …
    </p>
  )
}

import { type ReactNode, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { LiveState, Session } from './session.ts'
import './styles.css'

/** The address of an open ticket: reload, back and bookmarks work without a router. */
export const ticketLink = (id: string): string => `#/tickets/${encodeURIComponent(id)}`

function onHashChange(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

function useOpenTicket(): string | null {
  const hash = useSyncExternalStore(onHashChange, () => location.hash)
  const id = /^#\/tickets\/(.+)$/.exec(hash)?.[1]
  return id === undefined ? null : decodeURIComponent(id)
}

interface PageProps {
  readonly library: string
  readonly live: Session['live']
  readonly inbox: (openId: string | null) => ReactNode
  readonly ticket: (id: string) => ReactNode
}

/** The frame: the list beside the open ticket, or one of them on a small screen. */
export function Page({ library, live, inbox, ticket }: PageProps) {
  const openId = useOpenTicket()
  return (
    <div className={openId === null ? 'page' : 'page has-ticket'}>
      <header>
        <h1>
          Tickets <small>with {library}</small>
        </h1>
        <LiveBadge live={live} />
      </header>
      <main>
        <section className="inbox" aria-label="Inbox">
          {inbox(openId)}
        </section>
        <section className="ticket" aria-label="Ticket">
          {openId === null ? (
            <p className="empty">Choose a ticket to read it.</p>
          ) : (
            <>
              <a className="back" href="#/">
                Back to the list
              </a>
              {ticket(openId)}
            </>
          )}
        </section>
      </main>
    </div>
  )
}

const liveTexts: Readonly<Record<LiveState, string>> = {
  connecting: 'Connecting …',
  live: 'Live',
  offline: 'Reconnecting …',
}

function LiveBadge({ live }: { live: Session['live'] }) {
  const state = useSyncExternalStore(live.subscribe, live.state)
  return (
    <span className={`live is-${state}`} role="status">
      {liveTexts[state]}
    </span>
  )
}

/** The first value that is not undefined. */
export function useFirst<Value>(value: Value | undefined): Value | undefined {
  const [first, setFirst] = useState(value)
  if (first === undefined && value !== undefined) setFirst(() => value)
  return first ?? value
}

/** A function that stays the same and calls the latest one: for callbacks of a subscription that lasts. */
export function useStable<Args extends unknown[]>(latest: (...args: Args) => unknown): (...args: Args) => void {
  const current = useRef(latest)
  useEffect(() => {
    current.current = latest
  })
  return useCallback((...args: Args) => void current.current(...args), [])
}

/** Runs the action a second after the first of several calls: many changes at once cost one count. */
export function useDelayed(action: () => unknown): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      action()
    }, 1_000)
  }
}

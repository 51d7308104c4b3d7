import { useEffect, useLayoutEffect, useRef, useTransition } from 'react'
import { formatTime, label } from './format.ts'

/** One entry of a timeline: a message, an event or a delivery to a partner. */
export interface Entry {
  readonly __typename: string
  readonly id: string
  readonly at?: string | null
  readonly text?: string
  readonly visibility?: string
  readonly author?: { readonly name?: string | null; readonly kind: string } | null
  readonly summary?: string
  readonly partner?: string
  readonly state?: string
  /** Written here, and not confirmed yet. */
  readonly isPending?: boolean
}

interface ConversationProps {
  readonly entries: readonly Entry[]
  readonly hasOlder: boolean
  readonly loadOlder: () => Promise<unknown>
}

/** Opens at its end, and stays there while new entries come. Older entries do not move what is read. */
export function Conversation({ entries, hasOlder, loadOlder }: ConversationProps) {
  const [isLoading, startTransition] = useTransition()
  const list = useRef<HTMLOListElement>(null)
  const before = useRef({ first: '', fromEnd: 0, isAtEnd: true })
  useLayoutEffect(() => {
    const element = list.current
    if (!element) return
    const { first, fromEnd, isAtEnd } = before.current
    const hasOlderNow = first !== '' && first !== entries[0]?.id
    if (hasOlderNow) element.scrollTop = element.scrollHeight - fromEnd
    else if (isAtEnd) element.scrollTop = element.scrollHeight
    remember()
  })
  // The keyboard of a phone makes the list smaller.
  useEffect(() => {
    const element = list.current
    if (!element) return
    const observer = new ResizeObserver(() => {
      if (before.current.isAtEnd) element.scrollTop = element.scrollHeight
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  function remember() {
    const element = list.current
    if (!element) return
    const fromEnd = element.scrollHeight - element.scrollTop
    before.current = { first: entries[0]?.id ?? '', fromEnd, isAtEnd: fromEnd - element.clientHeight < 8 }
  }
  return (
    <section className="conversation" aria-label="Conversation">
      {hasOlder && (
        <button type="button" className="more" disabled={isLoading} onClick={() => startTransition(() => void loadOlder())}>
          {isLoading ? 'Loading …' : 'Show older entries'}
        </button>
      )}
      {entries.length === 0 && <p className="empty">No messages and events are known.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <ol ref={list} tabIndex={0} onScroll={remember} aria-label="Messages and events, oldest first">
        {entries.map((entry) => (
          <li key={entry.id} className={className(entry)}>
            <EntryView entry={entry} />
          </li>
        ))}
      </ol>
    </section>
  )
}

function className({ __typename, author, visibility, isPending }: Entry): string {
  if (__typename !== 'ThreadMessage') return 'event'
  const side = isPending || author?.kind === 'AGENT' ? 'ours' : 'theirs'
  return ['message', side, visibility === 'INTERNAL' && 'internal', isPending && 'pending'].filter(Boolean).join(' ')
}

function EntryView({ entry }: { entry: Entry }) {
  const { at, text, visibility, author, summary, partner, state, isPending } = entry
  const when = at && <time dateTime={at}>{formatTime(at)}</time>
  if (text === undefined) {
    return (
      <>
        {summary ?? (partner && state ? `Delivery to ${partner}: ${label(state)}` : label(entry.__typename))} {when}
      </>
    )
  }
  return (
    <>
      <p className="meta">
        <strong>{isPending ? 'You' : (author?.name ?? label(author?.kind ?? 'UNKNOWN'))}</strong>
        {visibility === 'INTERNAL' && ' · internal note'} {isPending ? 'Sending …' : when}
      </p>
      {/* `text` is plain. `body` may have HTML of a stranger. */}
      <p className="text">{text}</p>
    </>
  )
}

import { toFormErrors } from '@deskgraph/client'
import { type FormEvent, type ReactNode, useEffect, useOptimistic, useRef, useState, useTransition } from 'react'
import { Conversation, type Entry } from './conversation.tsx'
import { describeError, formatTime, label, type WriteResult, writeProblem } from './format.ts'
import { StatusBadge, type TicketRow } from './inbox.tsx'

// The open ticket as it looks. Where its data comes from is in the folder of each library.

export interface OpenTicket extends TicketRow {
  readonly description?: string | null
  readonly assignee?: { readonly name?: string | null; readonly externalId: string } | null
  readonly actions: readonly { readonly action: string; readonly allowed: boolean; readonly reason?: string | null }[]
}

/** One message of the user. `idempotencyKey` is the same when the same text is sent again. */
export interface Reply {
  readonly body: string
  readonly visibility: 'PUBLIC' | 'INTERNAL'
  readonly idempotencyKey: string
}

interface TicketViewProps {
  readonly ticket: OpenTicket
  /** The part of the conversation that was loaded, oldest entry first. */
  readonly entries: readonly Entry[]
  readonly hasOlder: boolean
  readonly loadOlder: () => Promise<unknown>
  /** Resolves when the new message is in `entries`. */
  readonly reply: (reply: Reply) => Promise<WriteResult>
  readonly close: (idempotencyKey: string) => Promise<WriteResult>
}

export function TicketView({ ticket, entries, hasOlder, loadOlder, reply, close }: TicketViewProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  // Someone who reads with a screen reader hears which ticket was opened.
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  const [shown, addPending] = useOptimistic(entries, withPending)
  const send = (message: Reply): Promise<WriteResult> => {
    addPending({ text: message.body, visibility: message.visibility, behind: entries.at(-1)?.id })
    return reply(message)
  }
  return (
    <article aria-labelledby="ticket-title">
      <h2 id="ticket-title" tabIndex={-1} ref={heading}>
        {ticket.title ?? `Ticket ${ticket.externalId}`}
      </h2>
      <Facts ticket={ticket} />
      <CloseButton ticket={ticket} close={close} />
      {ticket.description && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        <p className="description" tabIndex={0}>
          {ticket.description}
        </p>
      )}
      <Conversation entries={shown} hasOlder={hasOlder} loadOlder={loadOlder} />
      <ReplyForm ticket={ticket} send={send} />
    </article>
  )
}

interface Pending {
  readonly text: string
  readonly visibility: string
  /** The entry that was the last one when the user sent the text. */
  readonly behind: string | undefined
}

/** Shows the text at once. It is left out as soon as the conversation has it. */
function withPending(entries: readonly Entry[], { text, visibility, behind }: Pending): readonly Entry[] {
  const newer = entries.slice(entries.findIndex(({ id }) => id === behind) + 1)
  if (newer.some((entry) => entry.text === text)) return entries
  return [...entries, { __typename: 'ThreadMessage', id: `pending ${text}`, text, visibility, isPending: true }]
}

function Facts({ ticket }: { ticket: OpenTicket }) {
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Status', <StatusBadge key="status" status={ticket.status} />],
    ['Number', ticket.externalId],
    ['System', ticket.source.label],
    ['Priority', ticket.priority && label(ticket.priority)],
    ['Customer', ticket.customer?.name],
    ['Assignee', ticket.assignee && (ticket.assignee.name ?? ticket.assignee.externalId)],
    ['Changed', ticket.updatedAt && formatTime(ticket.updatedAt)],
  ]
  return (
    <dl className="facts">
      {facts.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

const refusals: Readonly<Record<string, string>> = {
  FORBIDDEN: 'You may not do this.',
  SOURCE_DOWN: 'The system does not answer now.',
  WRONG_STATE: 'The status of the ticket does not allow it.',
}

/**
 * Runs a write, and returns what to say after it; null when it was done. The same content is sent with the same key again as long as
 * its result is not known or it may be retried: the gateway then never does it twice.
 */
function useWrite(): (content: string, write: (idempotencyKey: string) => Promise<WriteResult>) => Promise<string | null> {
  const last = useRef({ content: '', key: '' })
  return async (content, write) => {
    if (last.current.content !== content) last.current = { content, key: crypto.randomUUID() }
    try {
      const result = await write(last.current.key)
      if (!toFormErrors(result.userErrors).mayRetry) last.current = { content: '', key: '' }
      return writeProblem(result)
    } catch (error) {
      return describeError(error)
    }
  }
}

/** `Ticket.actions` decides: hidden when the system cannot close tickets, disabled with the reason when it cannot now. */
function CloseButton({ ticket, close }: Pick<TicketViewProps, 'ticket' | 'close'>) {
  const [isClosing, setClosing] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const write = useWrite()
  const action = ticket.actions.find((each) => each.action === 'CLOSE')
  if (!action || action.reason === 'NOT_SUPPORTED_BY_SOURCE') return null
  const run = async () => {
    setClosing(true)
    setProblem(await write('close', close))
    setClosing(false)
  }
  return (
    <div className="actions">
      <button type="button" disabled={!action.allowed || isClosing} onClick={run}>
        {isClosing ? 'Closing …' : 'Close ticket'}
      </button>
      {!action.allowed && <span className="hint">{refusals[action.reason ?? ''] ?? 'It is not allowed.'}</span>}
      {problem && <p role="alert">{problem}</p>}
    </div>
  )
}

function ReplyForm({ ticket, send }: { ticket: OpenTicket; send: (reply: Reply) => Promise<WriteResult> }) {
  const [text, setText] = useState('')
  const [isNote, setNote] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [isSending, startTransition] = useTransition()
  const write = useWrite()
  const may = (name: string) => ticket.actions.some(({ action, allowed }) => action === name && allowed)
  if (!may('REPLY') && !may('NOTE')) return <p className="hint">{ticket.source.label} takes no replies to this ticket.</p>
  const visibility = isNote || !may('REPLY') ? 'INTERNAL' : 'PUBLIC'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setText('')
    startTransition(async () => {
      const failed = await write(`${visibility} ${text}`, (idempotencyKey) => send({ body: text, visibility, idempotencyKey }))
      startTransition(() => {
        setProblem(failed)
        // What was not sent goes back into the field.
        if (failed !== null) setText((typed) => typed || text)
      })
    })
  }
  return (
    <form className="reply" aria-label="Reply" onSubmit={submit}>
      <label htmlFor="reply">{visibility === 'PUBLIC' ? 'Reply to the customer' : 'Internal note'}</label>
      <textarea id="reply" rows={3} required value={text} onChange={(event) => setText(event.target.value)} />
      {problem && <p role="alert">{problem}</p>}
      <div className="send">
        {may('REPLY') && may('NOTE') && (
          <label className="check">
            <input type="checkbox" checked={isNote} onChange={(event) => setNote(event.target.checked)} /> Internal note
          </label>
        )}
        <button type="submit" disabled={isSending}>
          {isSending ? 'Sending …' : 'Send'}
        </button>
      </div>
    </form>
  )
}

import type { Random } from '../random.ts'
import { items, topics } from './conversations.ts'
import type { Comment, Status, User } from './records.ts'
import { isListed, type ZendeskState } from './state.ts'
import { applyWishes, commit } from './ticket-changes.ts'
import { defaultStatus } from './ticket-input.ts'

/** A customer asks again, or an agent answers, or a ticket moves on: one change, as it happens all day. */
export function changeOne(state: ZendeskState, random: Random): void {
  const open = state.tickets().filter((ticket) => isListed(ticket) && ticket.status !== 'closed')
  const ticket = random.pick(open)
  if (!ticket) return
  const topic = topics.find(({ subject }) => ticket.subject.includes(subject.replace(/\{.*$/, '').trim())) ?? random.pick(topics)!
  const requester = state.user(ticket.requesterId)!
  const agent = state.user(ticket.assigneeId ?? 0n) ?? state.users()[0]!
  const write = (author: User, text: string, isPublic: boolean): Comment => ({
    ...{
      id: state.nextId(),
      auditId: state.nextId(),
      authorId: author.id,
      html: null,
      isPublic,
      channel: 'web',
      attachments: [],
    },
    ...{
      at: state.now(),
      body: text.replaceAll('{item}', random.pick(items)!).replaceAll('{minutes}', '35').replaceAll('{order}', ''),
    },
  })
  const moves = random.weighted([
    [4, { author: requester, text: topic.replies[1] ?? topic.opening, isPublic: true, status: 'open' }],
    [4, { author: agent, text: topic.replies[0]!, isPublic: true, status: 'pending' }],
    [2, { author: agent, text: topic.note, isPublic: false, status: ticket.status }],
    [2, { author: agent, text: topic.replies.at(-1)!, isPublic: true, status: 'solved' }],
  ] as const)
  const status: Status = moves.status
  const wishes = status === ticket.status ? {} : { status, customStatusId: defaultStatus(status) }
  commit(
    state,
    ticket,
    applyWishes(ticket, wishes, moves.author),
    write(moves.author, moves.text, moves.isPublic),
    moves.author,
    'web',
  )
}

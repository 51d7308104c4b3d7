import { hourMs, toIsoLocal, toIsoSeconds } from '../times.ts'
import { companies, supportEmail } from './installation.ts'
import type { Agent, Attachment, Contact, Conversation, Rating, Stats, Ticket } from './records.ts'
import { dueOf, type FreshdeskState, isArchived } from './state.ts'

/** What the addresses and times of an answer depend on. */
export interface Scene {
  readonly state: FreshdeskState
  readonly now: number
  /** The address of a file for this answer: it expires. */
  fileUrl(attachment: Attachment, now: number): string
}

const time = (at: number | null): string | null => (at === null ? null : toIsoSeconds(at))

/** The text of some HTML. */
export function toText(html: string): string {
  const broken = html.replace(/<br\s*\/?>|<\/(p|div|li)>(?=.)/gi, '\n').replace(/<[^>]*>/g, '')
  return broken
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .trim()
}

/** A text as the HTML that the account makes of it. */
export function toHtml(text: string): string {
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
  return `<div>${escaped.replace(/\n/g, '<br>')}</div>`
}

/** What a request sends as HTML: plain text is wrapped. */
export function asHtml(sent: string): string {
  return sent.trimStart().startsWith('<') ? sent : `<div>${sent}</div>`
}

const structured = (html: string) => [{ type: 'text', data: { content: toText(html) } }]

/** Which of the two forms of a file an answer has: the samples of replies differ from all others. */
type FileStyle = 'reply' | 'other'

function printAttachment(file: Attachment, style: FileStyle, scene: Scene): Record<string, unknown> {
  const { id, name, contentType, bytes, at } = file
  const size = style === 'reply' ? { size: bytes.length } : { file_size: bytes.length }
  const when = style === 'reply' ? toIsoSeconds(at) : toIndianTime(at)
  return {
    ...{ id, name, content_type: contentType, ...size, attachment_url: scene.fileUrl(file, scene.now) },
    ...{ created_at: when, updated_at: when },
  }
}

/** Some of the samples have the time of the vendor's own zone. */
const toIndianTime = (at: number) => `${toIsoLocal(at + 5.5 * hourMs)}+05:30`

/** A ticket without what is only in one ticket's answer: its text, files and associations. */
export function printListed(ticket: Ticket, scene: Scene): Record<string, unknown> {
  const due = dueOf(ticket, scene.now)
  return {
    ...{ id: ticket.id, subject: ticket.subject, status: ticket.status, priority: ticket.priority, source: ticket.source },
    ...{ type: ticket.type, requester_id: ticket.requesterId, responder_id: ticket.responderId, group_id: ticket.groupId },
    ...{ company_id: ticket.companyId, product_id: ticket.productId, email_config_id: ticket.emailConfigId },
    ...{ internal_agent_id: ticket.internalAgentId, internal_group_id: ticket.internalGroupId },
    ...{ cc_emails: ticket.ccEmails, fwd_emails: [], reply_cc_emails: ticket.ccEmails, to_emails: ticket.toEmails },
    ...{ spam: ticket.spam, is_escalated: isLate(due.by, ticket, scene.now), fr_escalated: isFirstLate(ticket, scene.now) },
    ...(ticket.deleted ? { deleted: true } : {}),
    ...{ due_by: time(due.by), fr_due_by: time(due.firstBy), tags: ticket.tags, custom_fields: ticket.customFields },
    ...{ created_at: toIsoSeconds(ticket.createdAt), updated_at: toIsoSeconds(ticket.updatedAt) },
  }
}

function isLate(by: number | null, { status }: Ticket, now: number): boolean {
  return by !== null && now > by && status !== 4 && status !== 5
}

function isFirstLate(ticket: Ticket, now: number): boolean {
  const { firstBy } = dueOf(ticket, now)
  return firstBy !== null && ticket.stats.firstRespondedAt === null && now > firstBy
}

/** What `include=description` adds to a ticket. */
export function printDescription({ description }: Ticket): Record<string, unknown> {
  return {
    ...{ description, description_text: toText(description) },
    structured_description: { description_contents: structured(description) },
  }
}

/** A ticket as it is answered alone. */
export function printTicket(ticket: Ticket, scene: Scene): Record<string, unknown> {
  const associated = associationsOf(ticket, scene.state)
  return {
    ...printListed(ticket, scene),
    ...printDescription(ticket),
    attachments: ticket.attachments.map((file) => printAttachment(file, 'other', scene)),
    association_type: associated?.type ?? null,
    ...(associated === null ? {} : { associated_tickets_list: associated.ids }),
    ...(isArchived(ticket, scene.now) ? { archived: true } : {}),
  }
}

/** 1 parent, 2 child, 3 tracker, 4 related; null: alone. */
export function associationsOf(
  ticket: Ticket,
  state: FreshdeskState,
): { readonly type: number; readonly ids: readonly number[] } | null {
  if (ticket.parentId !== null) return { type: 2, ids: [ticket.parentId] }
  if (ticket.trackerId !== null) return { type: 4, ids: [ticket.trackerId] }
  const those = (is: (one: Ticket) => boolean) =>
    state
      .tickets()
      .filter(is)
      .map(({ id }) => id)
  const children = those(({ parentId }) => parentId === ticket.id)
  if (children.length > 0) return { type: 1, ids: children }
  const related = those(({ trackerId }) => trackerId === ticket.id)
  return related.length > 0 ? { type: 3, ids: related } : null
}

export function printStats(stats: Stats): Record<string, unknown> {
  return {
    ...{ agent_responded_at: time(stats.agentRespondedAt), requester_responded_at: time(stats.requesterRespondedAt) },
    ...{ first_responded_at: time(stats.firstRespondedAt), status_updated_at: time(stats.statusUpdatedAt) },
    ...{ reopened_at: time(stats.reopenedAt), resolved_at: time(stats.resolvedAt), closed_at: time(stats.closedAt) },
    pending_since: time(stats.pendingSince),
  }
}

export function printRequester({ id, name, email, mobile, phone }: Contact): Record<string, unknown> {
  return { id, name, email, mobile, phone }
}

export function printConversation(one: Conversation, ticket: Ticket, scene: Scene): Record<string, unknown> {
  const style = one.source === 2 ? 'other' : 'reply'
  return {
    ...{ id: one.id, ticket_id: ticket.id, user_id: one.userId, body: one.body, body_text: toText(one.body) },
    ...{ structured_body: { body_contents: structured(one.body) }, incoming: one.incoming, private: one.private },
    ...{ source: one.source, support_email: one.source === 0 && !one.incoming ? supportEmail : null },
    ...{ from_email: one.fromEmail, to_emails: one.toEmails, cc_emails: one.ccEmails, bcc_emails: one.bccEmails },
    attachments: one.attachments.map((file) => printAttachment(file, style, scene)),
    ...{ last_edited_at: time(one.edited?.at ?? null), last_edited_user_id: one.edited?.userId ?? null },
    ...{ created_at: toIsoSeconds(one.createdAt), updated_at: toIsoSeconds(one.updatedAt) },
  }
}

export function printRating(rating: Rating, ticket: Ticket): Record<string, unknown> {
  const { id, feedback, ratings, agentId, groupId, userId, at } = rating
  return {
    ...{ id, survey_id: 43000710701, user_id: userId, agent_id: agentId, group_id: groupId, ticket_id: ticket.id },
    ...{ feedback, ratings, created_at: toIsoSeconds(at), updated_at: toIsoSeconds(at) },
  }
}

export function printContact(contact: Contact): Record<string, unknown> {
  const { id, name, email, phone, mobile, uniqueExternalId, companyId, language, createdAt, updatedAt } = contact
  return {
    ...{ id, name, email, phone, mobile, active: true, address: null, company_id: companyId, description: null, job_title: null },
    ...{ language, time_zone: 'Singapore', twitter_id: null, facebook_id: null, unique_external_id: uniqueExternalId },
    ...{ other_emails: [], other_companies: [], tags: [], custom_fields: {}, view_all_tickets: false },
    ...{ created_at: toIsoSeconds(createdAt), updated_at: toIsoSeconds(updatedAt) },
  }
}

/** `whole`: with the groups and roles that lists of agents leave out. */
export function printAgent(agent: Agent, openedAt: number, whole: boolean): Record<string, unknown> {
  const at = toIsoSeconds(openedAt)
  const { id, name, email, occasional, ticketScope, language, timeZone, groupIds, isAdmin } = agent
  return {
    ...{ id, available: true, occasional, type: 'support_agent', ticket_scope: ticketScope, signature: null, focus_mode: true },
    ...(whole ? { group_ids: groupIds, role_ids: [isAdmin ? 43000810801 : 43000810802], skill_ids: [] } : {}),
    contact: {
      ...{ active: true, name, email, job_title: null, language, phone: null, mobile: null, time_zone: timeZone },
      ...{ last_login_at: toIndianTime(openedAt), created_at: at, updated_at: at },
    },
    ...{ available_since: null, created_at: at, updated_at: at },
  }
}

export function printCompany(id: number, openedAt: number): Record<string, unknown> | null {
  const company = companies.find((one) => one.id === id)
  if (!company) return null
  const at = toIsoSeconds(openedAt)
  return {
    ...{ id, name: company.name, description: null, note: null, domains: company.domains, custom_fields: {} },
    ...{ health_score: null, account_tier: 'Basic', renewal_date: null, industry: null, created_at: at, updated_at: at },
  }
}

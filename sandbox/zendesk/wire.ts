import { toHandle } from '../people.ts'
import { toEpochSeconds, toIsoSeconds } from '../times.ts'
import { anonymous } from './access.ts'
import { brands, customFields, customStatuses, groups, openedAt, organizations } from './installation.ts'
import type { Id } from './json.ts'
import type { Attachment, Audit, Comment, Satisfaction, Ticket, User } from './records.ts'

/** What the addresses in an answer begin with. */
export interface Hosts {
  /** The account's own host. */
  readonly origin: string
  /** The host that files are downloaded from: another one, which wants no credentials. */
  readonly files: string
  /** The path of a file's download, which works for a short time. */
  filePath(attachment: Attachment, now: number): string
  readonly now: number
}

const api = ({ origin }: Pick<Hosts, 'origin'>, path: string) => `${origin}/api/v2/${path}.json`

/** A ticket as lists and single reads show it. `hasIncidents`: other tickets name it as their problem. */
export function printTicket(ticket: Ticket, hosts: Pick<Hosts, 'origin'>, hasIncidents = false): Record<string, unknown> {
  const fields = customFields.map(({ id }) => ({ id, value: ticket.fields[String(id)] ?? null }))
  return {
    url: api(hosts, `tickets/${ticket.id}`),
    id: ticket.id,
    external_id: ticket.externalId,
    via: printTicketVia(ticket),
    created_at: toIsoSeconds(ticket.createdAt),
    updated_at: toIsoSeconds(ticket.updatedAt),
    generated_timestamp: toEpochSeconds(ticket.generatedAt),
    type: ticket.type,
    subject: ticket.subject,
    raw_subject: ticket.subject,
    description: ticket.comments[0]?.body ?? '',
    priority: ticket.priority,
    status: ticket.status,
    recipient: ticket.recipient,
    requester_id: ticket.requesterId,
    submitter_id: ticket.submitterId,
    assignee_id: ticket.assigneeId,
    organization_id: ticket.organizationId,
    group_id: ticket.groupId,
    collaborator_ids: [...ticket.followerIds, ...ticket.emailCcIds],
    follower_ids: ticket.followerIds,
    email_cc_ids: ticket.emailCcIds,
    forum_topic_id: null,
    problem_id: ticket.problemId,
    has_incidents: hasIncidents,
    is_public: ticket.comments.some(({ isPublic }) => isPublic),
    due_at: ticket.dueAt === null ? null : toIsoSeconds(ticket.dueAt),
    tags: ticket.tags,
    custom_fields: fields,
    satisfaction_rating: printSatisfaction(ticket.satisfaction),
    sharing_agreement_ids: [],
    custom_status_id: ticket.customStatusId,
    fields,
    followup_ids: ticket.followupIds,
    ticket_form_id: ticket.formId,
    brand_id: ticket.brandId,
    allow_channelback: false,
    allow_attachments: true,
    from_messaging_channel: false,
  }
}

function printSatisfaction(rating: Satisfaction | null): Record<string, unknown> {
  if (rating === null) return { score: 'unoffered' }
  const { id, score, comment, reason } = rating
  return score === 'offered' ? { score } : { id, score, comment, reason }
}

/** A follow-up says which ticket it follows. */
function printTicketVia({ channel, followupSourceId }: Ticket) {
  if (followupSourceId === null) return printVia(channel)
  return { channel, source: { from: { ticket_id: followupSourceId }, to: {}, rel: 'follow_up' } }
}

function printVia(channel: string) {
  return { channel, source: { from: {}, to: {}, rel: null } }
}

/** A comment. Its files are on another host than the account. */
export function printComment(comment: Comment, hosts: Hosts): Record<string, unknown> {
  return {
    id: comment.id,
    type: 'Comment',
    author_id: comment.authorId,
    body: comment.body,
    html_body: `<div class="zd-comment" dir="auto">${comment.html ?? toHtml(comment.body)}</div>`,
    plain_body: comment.body,
    public: comment.isPublic,
    attachments: comment.attachments.map((attachment) => printAttachment(attachment, hosts)),
    audit_id: comment.auditId,
    via: printVia(comment.channel),
    created_at: toIsoSeconds(comment.at),
    metadata: { system: {}, custom: {} },
  }
}

export function toHtml(text: string): string {
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
  return escaped
    .split('\n\n')
    .map((paragraph) => `<p dir="auto">${paragraph.replace(/\n/g, '<br>')}</p>`)
    .join('')
}

export function printAttachment(attachment: Attachment, hosts: Hosts): Record<string, unknown> {
  const address = `${hosts.files}${hosts.filePath(attachment, hosts.now)}`
  return {
    url: api(hosts, `attachments/${attachment.id}`),
    id: attachment.id,
    file_name: attachment.name,
    content_url: address,
    mapped_content_url: address,
    content_type: attachment.contentType,
    size: attachment.bytes.length,
    width: null,
    height: null,
    inline: false,
    deleted: false,
    malware_access_override: false,
    malware_scan_result: 'malware_not_found',
    thumbnails: [],
  }
}

export function printAudit(ticketId: Id, audit: Audit): Record<string, unknown> {
  const { id, authorId, channel, at, events } = audit
  return {
    ...{ id, ticket_id: ticketId, created_at: toIsoSeconds(at), author_id: authorId },
    ...{ metadata: { system: {}, custom: {} }, events, via: printVia(channel) },
  }
}

export function printUser(user: User, hosts: Pick<Hosts, 'origin'>): Record<string, unknown> {
  const isStaff = user.role !== 'end-user'
  return {
    id: user === anonymous ? null : user.id,
    url: api(hosts, `users/${user.id}`),
    ...{ name: user.name, email: user.email === '' ? null : user.email, phone: user.phone, role: user.role, active: true },
    ...{ created_at: toIsoSeconds(user.createdAt), updated_at: toIsoSeconds(user.updatedAt), verified: isStaff },
    ...{ time_zone: 'Asia/Singapore', iana_time_zone: 'Asia/Singapore', locale_id: 1, locale: user.locale },
    ...{ organization_id: user.organizationId, external_id: user.externalId, tags: [], alias: '', details: '', notes: '' },
    ...{
      default_group_id: user.groupIds[0] ?? null,
      custom_role_id: null,
      role_type: user.isLight ? 1 : null,
      signature: '',
      photo: null,
    },
    ...{ suspended: false, shared: false, shared_agent: false, shared_phone_number: null, moderator: isStaff },
    ...{ only_private_comments: user.isLight, restricted_agent: user.restriction !== null, ticket_restriction: user.restriction },
    ...{ chat_only: false, report_csv: user.role === 'admin', two_factor_auth_enabled: null, user_fields: {} },
    last_login_at: isStaff ? toIsoSeconds(user.updatedAt) : null,
  }
}

const opened = toIsoSeconds(openedAt)
const dated = { created_at: opened, updated_at: opened }

export function printGroup(id: Id, hosts: Pick<Hosts, 'origin'>): Record<string, unknown> | undefined {
  const group = groups.find((one) => one.id === id)
  if (!group) return undefined
  const { name, description } = group
  const state = { default: group === groups[0], deleted: false, is_public: true }
  return { url: api(hosts, `groups/${id}`), id, name, description, ...state, ...dated }
}

export function printOrganization(id: Id, hosts: Pick<Hosts, 'origin'>): Record<string, unknown> | undefined {
  const organization = organizations.find((one) => one.id === id)
  if (!organization) return undefined
  const sharing = { shared_tickets: false, shared_comments: false, group_id: null, external_id: null }
  return {
    ...{ url: api(hosts, `organizations/${id}`), id, name: organization.name, domain_names: organization.domains },
    ...{ details: '', notes: '', tags: [toHandle(organization.name, '_')], organization_fields: {} },
    ...sharing,
    ...dated,
  }
}

export function printBrand(id: Id, hosts: Pick<Hosts, 'origin'>): Record<string, unknown> | undefined {
  const brand = brands.find((one) => one.id === id)
  if (!brand) return undefined
  return {
    ...{ url: api(hosts, `brands/${id}`), id, name: brand.name, subdomain: brand.subdomain, brand_url: hosts.origin },
    ...{ host_mapping: null, has_help_center: false, help_center_state: 'disabled', active: true, is_deleted: false },
    ...{ default: brand === brands[0], logo: null, ticket_form_ids: [], signature_template: '{{agent.signature}}' },
    ...dated,
  }
}

/** A custom status. Both labels have a raw form, which may hold placeholders. */
export function printCustomStatus({ id, category, label, customerLabel, isDefault }: (typeof customStatuses)[number]) {
  return {
    ...{ id, status_category: category, agent_label: label, raw_agent_label: label },
    ...{ end_user_label: customerLabel, raw_end_user_label: customerLabel, active: true, default: isDefault },
    ...{ description: label, raw_description: label, end_user_description: '', raw_end_user_description: '' },
    ...dated,
  }
}

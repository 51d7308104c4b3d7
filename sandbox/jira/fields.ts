import type { StorySystem } from '../story.ts'

// The fields of the site: Jira's own, those of service management, and the site's custom fields.

export interface FieldSchema {
  readonly type: string
  readonly items?: string
  readonly system?: string
  readonly custom?: string
  readonly customId?: number
}

export interface JiraField {
  readonly id: string
  readonly name: string
  readonly schema: FieldSchema
  /** The names in JQL. */
  readonly clauses: readonly string[]
  /** May be set by `PUT /issue`. */
  readonly editable: boolean
  /** The choices of a select field. */
  readonly options?: readonly { readonly id: string; readonly value: string }[]
}

const system = (id: string, name: string, type: string, editable = false, clauses = [id], items?: string): JiraField => ({
  ...{ id, name, editable, clauses },
  schema: { type, ...(items !== undefined && { items }), system: id },
})

const custom = (
  customId: number,
  name: string,
  kind: string,
  schema: Pick<FieldSchema, 'type' | 'items'>,
  extra: { readonly options?: readonly string[]; readonly readOnly?: true; readonly clauses?: readonly string[] } = {},
): JiraField => ({
  ...{ id: `customfield_${customId}`, name, editable: !extra.readOnly },
  clauses: [`cf[${customId}]`, name, ...(extra.clauses ?? [])],
  schema: { ...schema, custom: kind, customId },
  ...(extra.options && { options: extra.options.map((value, index) => ({ id: String(customId * 10 + index), value })) }),
})

const standard = 'com.atlassian.jira.plugin.system.customfieldtypes'
const desk = 'com.atlassian.servicedesk'

export const fieldIds = {
  requestType: 'customfield_10010',
  organizations: 'customfield_10011',
  participants: 'customfield_10012',
  satisfaction: 'customfield_10013',
  satisfactionDate: 'customfield_10014',
  channel: 'customfield_10015',
  firstResponse: 'customfield_10020',
  resolution: 'customfield_10021',
  orderNumber: 'customfield_10050',
  severity: 'customfield_10051',
  country: 'customfield_10052',
  refundAmount: 'customfield_10053',
  affected: 'customfield_10054',
  followUpAt: 'customfield_10055',
  specialist: 'customfield_10056',
} as const

/** What other systems call an issue. Integrations write them. */
export const mirrorFields: readonly { readonly customId: number; readonly name: string; readonly system: StorySystem }[] = [
  { customId: 10061, name: 'Zendesk ticket', system: 'zendesk' },
  { customId: 10062, name: 'OneView ticket', system: 'oneview' },
  { customId: 10063, name: 'Intercom ticket', system: 'intercom' },
  { customId: 10064, name: 'Freshdesk ticket', system: 'freshdesk' },
  { customId: 10065, name: 'Verifik ticket', system: 'verifik' },
]

/** The site's fields, in the order of `GET /field`. */
export const fields: readonly JiraField[] = [
  system('summary', 'Summary', 'string', true),
  system('description', 'Description', 'string', true),
  system('issuetype', 'Issue Type', 'issuetype', false, ['issuetype', 'type']),
  system('project', 'Project', 'project'),
  system('status', 'Status', 'status'),
  system('priority', 'Priority', 'priority', true),
  system('resolution', 'Resolution', 'resolution'),
  system('resolutiondate', 'Resolved', 'datetime', false, ['resolutiondate', 'resolved']),
  system('reporter', 'Reporter', 'user', true),
  system('creator', 'Creator', 'user'),
  system('assignee', 'Assignee', 'user', true),
  system('labels', 'Labels', 'array', true, ['labels'], 'string'),
  system('created', 'Created', 'datetime', false, ['created', 'createdDate']),
  system('updated', 'Updated', 'datetime', false, ['updated', 'updatedDate']),
  system('duedate', 'Due date', 'date', true, ['due', 'duedate']),
  system('watches', 'Watchers', 'watches', false, ['watchers']),
  system('issuelinks', 'Linked Issues', 'array', false, [], 'issuelinks'),
  system('attachment', 'Attachment', 'array', false, ['attachments'], 'attachment'),
  system('comment', 'Comment', 'comments-page', false, ['comment']),
  system('statuscategorychangedate', 'Status Category Changed', 'datetime', false, ['statusCategoryChangedDate']),
  custom(10010, 'Request Type', `${desk}:vp-origin`, { type: 'sd-customerrequesttype' }, { readOnly: true }),
  custom(10011, 'Organizations', `${desk}:sd-customer-organizations`, { type: 'array', items: 'sd-customerorganization' }),
  custom(10012, 'Request participants', `${desk}:sd-request-participants`, { type: 'array', items: 'user' }),
  custom(10013, 'Satisfaction', `${desk}:sd-request-feedback`, { type: 'sd-feedback' }, { readOnly: true }),
  custom(10014, 'Satisfaction date', `${desk}:sd-request-feedback-date`, { type: 'datetime' }, { readOnly: true }),
  custom(
    10015,
    'Request channel type',
    `${desk}:sd-request-channel`,
    { type: 'string' },
    {
      ...{ readOnly: true, clauses: ['request-channel-type'] },
    },
  ),
  custom(10020, 'Time to first response', `${desk}:sd-sla-field`, { type: 'sd-servicelevelagreement' }, { readOnly: true }),
  custom(10021, 'Time to resolution', `${desk}:sd-sla-field`, { type: 'sd-servicelevelagreement' }, { readOnly: true }),
  custom(10050, 'Order number', `${standard}:textfield`, { type: 'string' }),
  custom(10051, 'Severity', `${standard}:select`, { type: 'option' }, { options: ['Minor', 'Major', 'Critical'] }),
  custom(
    10052,
    'Country',
    `${standard}:select`,
    { type: 'option' },
    {
      options: ['SG', 'MY', 'TH', 'PH', 'PK', 'TW', 'CO', 'DE', 'ES'],
    },
  ),
  custom(10053, 'Refund amount', `${standard}:float`, { type: 'number' }),
  custom(
    10054,
    'Affected services',
    `${standard}:multiselect`,
    { type: 'array', items: 'option' },
    {
      options: ['App', 'Website', 'Payments', 'Rider tracking', 'Partner portal'],
    },
  ),
  custom(10055, 'Follow-up at', `${standard}:datetime`, { type: 'datetime' }),
  custom(10056, 'Specialist', `${standard}:userpicker`, { type: 'user' }),
  ...mirrorFields.map(({ customId, name }) => custom(customId, name, `${standard}:textfield`, { type: 'string' })),
]

const fieldsById = new Map(fields.map((field) => [field.id, field]))

export function findField(id: string): JiraField | undefined {
  return fieldsById.get(id)
}

export interface RequestTypeField {
  readonly fieldId: string
  readonly required: boolean
}

/** What a customer can ask for in a portal. */
export interface JiraRequestType {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly issueTypeId: string
  readonly serviceDeskId: number
  readonly groupId: string
  readonly fields: readonly RequestTypeField[]
}

const form = (required: readonly string[], optional: readonly string[]): RequestTypeField[] => [
  ...['summary', ...required].map((fieldId) => ({ fieldId, required: true })),
  ...['description', 'attachment', ...optional].map((fieldId) => ({ fieldId, required: false })),
]

export const requestTypes: readonly JiraRequestType[] = [
  {
    ...{ id: '1', name: 'Late or missing delivery', description: 'Tell us what did not arrive.', issueTypeId: '10010' },
    ...{ serviceDeskId: 1, groupId: '1', fields: form([fieldIds.orderNumber], [fieldIds.country]) },
  },
  {
    ...{ id: '2', name: 'Something was wrong with my order', description: 'Wrong or missing items, or bad quality.' },
    ...{ issueTypeId: '10010', serviceDeskId: 1, groupId: '1', fields: form([fieldIds.orderNumber], [fieldIds.country]) },
  },
  {
    ...{ id: '3', name: 'Account and login', description: 'You cannot log in, or your data is wrong.', issueTypeId: '10010' },
    ...{ serviceDeskId: 1, groupId: '2', fields: form([], [fieldIds.country, 'priority']) },
  },
  {
    ...{ id: '4', name: 'Report a problem of the app', description: 'Something does not work.', issueTypeId: '10011' },
    ...{ serviceDeskId: 1, groupId: '2', fields: form([fieldIds.severity], [fieldIds.affected, 'priority']) },
  },
  {
    ...{ id: '5', name: 'Request a refund', description: 'Ask for your money back.', issueTypeId: '10010', serviceDeskId: 2 },
    ...{ groupId: '3', fields: form([fieldIds.orderNumber], [fieldIds.refundAmount, fieldIds.country]) },
  },
  {
    ...{ id: '6', name: 'Wrong charge', description: 'You were charged twice or too much.', issueTypeId: '10010' },
    ...{ serviceDeskId: 2, groupId: '3', fields: form([], [fieldIds.orderNumber, fieldIds.refundAmount]) },
  },
  {
    ...{ id: '7', name: 'Invoice', description: 'An invoice for your company.', issueTypeId: '10010', serviceDeskId: 2 },
    ...{ groupId: '3', fields: form([], [fieldIds.orderNumber, 'duedate']) },
  },
]

/** A request type by its id, or undefined. */
export function findRequestType(id: string | null): JiraRequestType | undefined {
  return requestTypes.find((type) => type.id === id)
}

/** Fields that every screen of a project has. Custom fields of the refund form are on the screens of PAY only. */
export function isOnScreen(field: JiraField, projectKey: string): boolean {
  if (field.id === fieldIds.refundAmount) return projectKey === 'PAY'
  if (field.id.startsWith('customfield_100')) return projectKey !== 'SHOP' || field.id === fieldIds.severity
  return true
}

// The formats of Redmine's REST API, and the installation that the simulator plays. The names and ids are those of a fresh Redmine 5.0.

export interface RedmineName {
  readonly id: number
  readonly name: string
}
export interface RedmineStatus extends RedmineName {
  readonly is_closed: boolean
}

export const statuses: readonly RedmineStatus[] = [
  { id: 1, name: 'New', is_closed: false },
  { id: 2, name: 'In Progress', is_closed: false },
  { id: 3, name: 'Resolved', is_closed: false },
  { id: 4, name: 'Feedback', is_closed: false },
  { id: 5, name: 'Closed', is_closed: true },
  { id: 6, name: 'Rejected', is_closed: true },
]
export const priorities: readonly RedmineName[] = ['Low', 'Normal', 'High', 'Urgent', 'Immediate'].map((name, index) => ({
  id: index + 1,
  name,
}))
export const trackers: readonly RedmineName[] = [
  { id: 1, name: 'Bug' },
  { id: 2, name: 'Feature' },
  { id: 3, name: 'Support' },
]
export const projects: readonly RedmineName[] = [
  { id: 1, name: 'Support' },
  { id: 2, name: 'Billing' },
  { id: 3, name: 'Network' },
]
export const categories: readonly RedmineName[] = [
  { id: 1, name: 'Hardware' },
  { id: 2, name: 'Software' },
]
export const secondLevel: RedmineName = { id: 4, name: 'Second level' }

/** A user with the API key `key`. Agents may do everything; customers write public notes. */
export interface RedmineUser extends RedmineName {
  readonly key: string
  readonly role: 'Manager' | 'Reporter'
}
export const users = [
  { id: 5, name: 'Ann Agent', key: '1'.repeat(40), role: 'Manager' },
  { id: 6, name: 'Ben Agent', key: '2'.repeat(40), role: 'Manager' },
  { id: 9, name: 'Carl Customer', key: 'c'.repeat(40), role: 'Reporter' },
  { id: 10, name: 'Dora Customer', key: 'd'.repeat(40), role: 'Reporter' },
] as const satisfies readonly RedmineUser[]

/** The permissions that the simulator knows of each role, by the role's id. */
export const roles = [
  {
    id: 3,
    name: 'Manager',
    permissions: ['view_issues', 'edit_issues', 'add_issue_notes', 'view_private_notes', 'set_notes_private'],
  },
  { id: 5, name: 'Reporter', permissions: ['view_issues', 'add_issue_notes'] },
] as const

/** The custom fields: a list, a list with several values, and a text. */
export const customFields = [
  { id: 1, name: 'Channel', multiple: false },
  { id: 2, name: 'Tags', multiple: true },
  { id: 3, name: 'External ref', multiple: false },
] as const

export interface Journal {
  readonly id: number
  readonly userId: number
  readonly notes: string
  readonly isPrivate: boolean
  readonly at: number
  readonly details: readonly { readonly name: string; readonly old_value: string; readonly new_value: string }[]
}

/** An issue as the simulator keeps it. Times are milliseconds since 1970; Redmine prints whole seconds. */
export interface Issue {
  readonly id: number
  readonly projectId: number
  readonly trackerId: number
  readonly statusId: number
  readonly priorityId: number
  readonly authorId: number
  /** A user or the group. */
  readonly assignedToId: number | null
  readonly categoryId: number | null
  readonly parentId: number | null
  readonly subject: string
  readonly description: string
  readonly dueDate: string | null
  readonly customValues: Readonly<Record<number, string | readonly string[]>>
  readonly createdOn: number
  readonly updatedOn: number
  readonly closedOn: number | null
  readonly journals: readonly Journal[]
  readonly relatedTo: readonly number[]
  readonly watcherIds: readonly number[]
  readonly hasFile: boolean
}

const nameOf = (list: readonly RedmineName[], id: number) => list.find((one) => one.id === id)
const people: readonly RedmineName[] = [...users, secondLevel]
const toPerson = (id: number) => {
  const person = nameOf(people, id)
  return person && { id, name: person.name }
}
const toSeconds = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`

/** An issue as lists show it. An absent value has no key. */
export function toListed(issue: Issue): Record<string, unknown> {
  const { id, projectId, trackerId, statusId, priorityId, authorId, assignedToId, categoryId, parentId } = issue
  return {
    id,
    project: nameOf(projects, projectId),
    tracker: nameOf(trackers, trackerId),
    status: nameOf(statuses, statusId),
    priority: nameOf(priorities, priorityId),
    author: toPerson(authorId),
    ...(assignedToId !== null && { assigned_to: toPerson(assignedToId) }),
    ...(categoryId !== null && { category: nameOf(categories, categoryId) }),
    ...(parentId !== null && { parent: { id: parentId } }),
    subject: issue.subject,
    description: issue.description,
    due_date: issue.dueDate,
    done_ratio: 0,
    custom_fields: customFields.map((field) => ({
      id: field.id,
      name: field.name,
      ...(field.multiple && { multiple: true }),
      value: issue.customValues[field.id] ?? (field.multiple ? [] : null),
    })),
    created_on: toSeconds(issue.createdOn),
    updated_on: toSeconds(issue.updatedOn),
    closed_on: issue.closedOn === null ? null : toSeconds(issue.closedOn),
  }
}

/** The parts that only a single issue has, and only where `include` names them. */
export function toIncluded(issue: Issue, children: readonly number[], user: RedmineUser): Record<string, unknown> {
  return {
    journals: issue.journals
      .filter(({ isPrivate }) => !isPrivate || user.role === 'Manager')
      .map(({ id, userId, notes, isPrivate, at, details }) => ({
        ...{ id, user: toPerson(userId), notes, created_on: toSeconds(at), private_notes: isPrivate },
        details: details.map((detail) => ({ property: 'attr', ...detail })),
      })),
    attachments: issue.hasFile
      ? [
          {
            ...{ id: issue.id, filename: `log-${issue.id}.txt`, filesize: 10, content_type: 'text/plain', description: '' },
            content_url: `http://redmine.example/attachments/download/${issue.id}/log-${issue.id}.txt`,
          },
        ]
      : [],
    relations: issue.relatedTo.map((to) => ({
      id: to,
      issue_id: issue.id,
      issue_to_id: to,
      relation_type: 'relates',
      delay: null,
    })),
    watchers: issue.watcherIds.map(toPerson),
    children: children.map((id) => ({ id })),
    allowed_statuses: user.role === 'Manager' ? statuses : statuses.filter(({ id }) => id === issue.statusId),
  }
}

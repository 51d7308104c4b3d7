import { type NamedRecord, type RedmineLogin, redmineRest } from './rest.ts'

// 60 tickets with the ids 1 to 60. Every value follows from the id by a small rule, so that tests write their expected values by hand.

export const seededCount = 60
const projects = ['network', 'support', 'billing'] as const
const channels = ['email', 'phone', 'web', 'chat'] as const
const priorities = ['Immediate', 'Normal', 'Low', 'High', 'Urgent'] as const

/** Ids 6, 12, … are Closed; 1, 7, … In Progress; 2, 8, … Resolved; 3, 9, … Feedback; 5, 17, 29, … Rejected; all others stay New. */
export function seededStatus(id: number): string {
  if (id % 6 === 5) return id % 12 === 5 ? 'Rejected' : 'New'
  return ['Closed', 'In Progress', 'Resolved', 'Feedback', 'New'][id % 6] ?? 'New'
}

/** Ids 1, 5, … are Ann's; 2, 6, … are Ben's; 3, 15, 27, … are the group's; the others have no assignee. */
export function seededAssignee(id: number): 'ann' | 'ben' | 'Second level' | null {
  if (id % 4 === 1) return 'ann'
  if (id % 4 === 2) return 'ben'
  return id % 12 === 3 ? 'Second level' : null
}

export function seededProject(id: number): (typeof projects)[number] {
  return projects[id % 3] ?? 'network'
}

/** Odd ids are from Carl, even ones from Dora. */
export function seededAuthor(id: number): 'carl' | 'dora' {
  return id % 2 === 1 ? 'carl' : 'dora'
}

/** Opens the tickets over REST, as the people who would. */
export async function seedRedmine(url: string): Promise<void> {
  const as = (login: RedmineLogin) => redmineRest(url, login)
  const ids = await readIds(url)
  for (let id = 1; id <= seededCount; id++) {
    await openTicket(url, id, ids)
    const path = `/issues/${id}.json`
    const changes = toChanges(id, ids)
    if (changes) await as('ann')('PUT', path, { issue: changes })
    if (id % 4 === 0) await as(seededAuthor(id))('PUT', path, { issue: { notes: `Question of the customer on ${id}` } })
    if (id % 2 === 0) await as('ann')('PUT', path, { issue: { notes: `Answer of Ann on ${id}` } })
    if (id % 5 === 0) await as('ben')('PUT', path, { issue: { notes: `Private note of Ben on ${id}`, private_notes: true } })
  }
  const relate = (from: number, to: number, relation_type: string) =>
    as('ann')('POST', `/issues/${from}/relations.json`, { relation: { issue_to_id: to, relation_type } })
  await relate(2, 1, 'relates')
  await relate(4, 3, 'blocks')
  await relate(6, 5, 'duplicates')
  await relate(8, 7, 'precedes')
  await as('ann')('PUT', '/issues/10.json', { issue: { parent_issue_id: 9 } })
  await as('ann')('POST', '/issues/1/watchers.json', { user_id: ids.users.get('ben') })
}

interface Ids {
  readonly users: ReadonlyMap<string, number>
  readonly statuses: ReadonlyMap<string, number>
  readonly priorities: ReadonlyMap<string, number>
  readonly fields: ReadonlyMap<string, number>
  readonly categories: ReadonlyMap<string, ReadonlyMap<string, number>>
}

async function readIds(url: string): Promise<Ids> {
  const rest = redmineRest(url, 'admin')
  const byName = (records: readonly NamedRecord[]) => new Map(records.map(({ id, name }) => [name, id]))
  const read = async <K extends string>(path: string, key: K) => (await rest<Record<K, NamedRecord[]>>('GET', path))[key]
  const { users } = await rest<{ users: { id: number; login: string }[] }>('GET', '/users.json?limit=100')
  const categories = new Map<string, ReadonlyMap<string, number>>()
  for (const project of projects) {
    categories.set(project, byName(await read(`/projects/${project}/issue_categories.json`, 'issue_categories')))
  }
  const groups = await read('/groups.json', 'groups')
  return {
    users: new Map([...users.map(({ id, login }): [string, number] => [login, id]), ...byName(groups)]),
    statuses: byName(await read('/issue_statuses.json', 'issue_statuses')),
    priorities: byName(await read('/enumerations/issue_priorities.json', 'issue_priorities')),
    fields: byName(await read('/custom_fields.json', 'custom_fields')),
    categories,
  }
}

async function openTicket(url: string, id: number, ids: Ids): Promise<void> {
  const author = seededAuthor(id)
  const project = seededProject(id)
  const rest = redmineRest(url, author)
  const category = id % 4 === 0 ? undefined : ids.categories.get(project)?.get(['Account', 'Hardware', 'Software'][id % 3]!)
  const tags = [['vip', 'outage'], ['vip'], []][id % 3]
  const { issue } = await rest<{ issue: { id: number } }>('POST', '/issues.json', {
    issue: {
      project_id: project,
      tracker_id: 3,
      subject: id === 7 ? 'Größe & Zeichen: "quotes" <tag> ✓' : `Ticket number ${id}`,
      description: id === 11 ? '' : `Hello,\r\n\r\n*problem* ${id} has happened.\r\n`,
      priority_id: ids.priorities.get(priorities[id % 5]!),
      category_id: category,
      custom_fields: [
        { id: ids.fields.get('Channel'), value: channels[id % 4] },
        { id: ids.fields.get('Tags'), value: tags },
        { id: ids.fields.get('External ref'), value: `EXT-${id}` },
        ...(id === 1 ? toRichFields(ids) : []),
      ],
      ...(id % 10 === 0 && { uploads: [await upload(rest, id)] }),
    },
  })
  if (issue.id !== id) throw new Error(`the seed expected the id ${id}, and Redmine gave ${issue.id}`)
}

function toRichFields({ fields, users }: Ids) {
  return [
    { id: fields.get('Amount'), value: '12.5' },
    { id: fields.get('Follow up'), value: '2026-03-01' },
    { id: fields.get('Warranty'), value: '1' },
    { id: fields.get('Expert'), value: String(users.get('ann')) },
  ]
}

async function upload(rest: ReturnType<typeof redmineRest>, id: number) {
  const bytes = new TextEncoder().encode(`log of ${id}\n`)
  const answer = await rest<{ upload: { token: string } }>('POST', `/uploads.json?filename=log-${id}.txt`, bytes)
  return { token: answer.upload.token, filename: `log-${id}.txt`, description: 'a log', content_type: 'text/plain' }
}

/** What Ann changes after the customer has opened the ticket; null: nothing. Ticket 12 is private, ticket 13 has a due date. */
function toChanges(id: number, ids: Ids) {
  const assignee = seededAssignee(id)
  const status = seededStatus(id)
  const changes = {
    ...(assignee && { assigned_to_id: ids.users.get(assignee) }),
    ...(status !== 'New' && { status_id: ids.statuses.get(status) }),
    ...(id === 12 && { is_private: true }),
    ...(id === 13 && { due_date: '2026-05-01' }),
    ...(id === 1 && { custom_fields: [{ id: ids.fields.get('Margin'), value: '40' }] }),
  }
  return Object.keys(changes).length > 0 ? changes : null
}

import type { Random } from '../random.ts'
import { type StoryTicket, toMirrorText } from '../story.ts'
import { addTurn, moveTo, toItem } from './changes.ts'
import { fieldIds, findField, findRequestType, mirrorFields } from './fields.ts'
import type { JiraIssue } from './model.ts'
import { agents } from './site.ts'
import type { JiraState } from './state.ts'
import { fromWiki } from './wiki.ts'

/** A request of the desk SUP as the story tells it. Agents raise the bugs, and customers the others. */
export function seedTold(state: JiraState, random: Random, told: StoryTicket, customerId: string): void {
  const type = findRequestType(told.kind === 'bug' ? '4' : '3')!
  const [opening, ...turns] = told.messages
  const assignee = random.pick(agents.slice(0, 5))
  const reporterId = told.kind === 'bug' ? assignee.accountId : customerId
  const issue = state.add({
    ...{ oldKeys: [], projectId: 10001, issueTypeId: type.issueTypeId, requestTypeId: type.id, custom: toCustom(told) },
    ...{ summary: told.title, description: fromWiki(opening!.text), organizationIds: [] },
    ...{ statusId: '10001', statusChangedAt: told.createdAt, resolutionId: null, resolvedAt: null },
    priorityId: told.kind === 'bug' ? '2' : '3',
    ...{ reporterId, creatorId: reporterId, assigneeId: null, watcherIds: [], labels: [told.reason], dueDate: null },
    ...{ participantIds: [], channel: told.kind === 'bug' ? 'jira' : 'portal', comments: [], attachments: [] },
    ...{ remoteLinks: [], history: [], feedback: null, created: told.createdAt, updated: told.createdAt },
  })
  const read = () => state.find(String(issue.id)) as JiraIssue
  const move = (statusId: string, at: number, resolutionId: string | null = null) =>
    moveTo(state, read(), statusId, assignee.accountId, at, resolutionId)
  for (const { by, text, at } of turns) {
    if (read().assigneeId === null) assign(state, issue.id, assignee, at)
    addTurn(state, read(), { by, text }, text, by === 'customer' ? customerId : assignee.accountId, at)
    if (by === 'agent') move(told.kind === 'bug' ? '3' : '10002', at)
    if (by === 'customer') move('10001', at)
  }
  if (told.state === 'solved') move('5', told.updatedAt, '10000')
}

function assign(state: JiraState, id: number, { accountId, displayName }: (typeof agents)[number], at: number): void {
  const items = [toItem('assignee', null, null, accountId, displayName)]
  state.change(id, { assigneeId: accountId, watcherIds: [accountId] }, { userId: accountId, at, items })
}

function toCustom({ kind, order, country, mirrors }: StoryTicket): Readonly<Record<string, unknown>> {
  const optionOf = (fieldId: string, value: string) => findField(fieldId)?.options?.find((option) => option.value === value)?.id
  const countryId = optionOf(fieldIds.country, country)
  const named = mirrors.flatMap((mirror) => {
    const field = mirrorFields.find(({ system }) => system === mirror.system)
    return field ? [[`customfield_${field.customId}`, toMirrorText(mirror)] as const] : []
  })
  return {
    ...(kind === 'bug'
      ? { [fieldIds.severity]: optionOf(fieldIds.severity, 'Major') }
      : countryId && { [fieldIds.country]: countryId }),
    [fieldIds.orderNumber]: order.id,
    ...Object.fromEntries(named),
  }
}

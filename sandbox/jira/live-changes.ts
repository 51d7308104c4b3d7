import type { Random } from '../random.ts'
import { moveTo, toItem } from './changes.ts'
import type { JiraComment, JiraIssue } from './model.ts'
import { agents, automation } from './site.ts'
import type { JiraState } from './state.ts'
import { fromWiki } from './wiki.ts'
import { byId, priorities, statuses } from './workflows.ts'

const questions = [
  'Is there any news?',
  '¿Hay novedades?',
  '請問有進度嗎？',
  'Gibt es etwas Neues?',
  'มีความคืบหน้าไหมคะ',
  'Masih belum selesai.',
]
const answers = [
  'We are on it and will write again today.',
  'Ya lo estamos revisando.',
  '我們正在處理中。',
  'Wir kümmern uns darum.',
]
const notes = ['Called the kitchen, no answer.', 'Waiting for the acquirer.', 'Second contact today, please be quick.']

/** One change that the people of the site make: a message, a note, a new priority, or a step of the workflow. */
export function changeOne(state: JiraState, random: Random, at: number): void {
  const requests = state.all().filter(({ requestTypeId }) => requestTypeId !== null)
  const open = requests.filter(({ statusId }) => byId(statuses, statusId).category !== 'done')
  const issue = random.pick(open.length > 0 ? open : requests)
  if (!issue) return
  const agentId = issue.assigneeId ?? agents[0]!.accountId
  const kind = random.weighted([[4, 'question'], [4, 'answer'], [2, 'note'], [1, 'priority'], [2, 'status']] as const) // biome-ignore format: a table
  if (kind === 'question') write(state, issue, issue.reporterId, random.pick(questions)!, true, at)
  else if (kind === 'answer') write(state, issue, agentId, random.pick(answers)!, true, at)
  else if (kind === 'note') write(state, issue, agentId, random.pick(notes)!, false, at)
  else if (kind === 'status') step(state, issue, agentId, at)
  else {
    const [from, to] = [byId(priorities, issue.priorityId), random.pick(priorities.filter(({ id }) => id !== issue.priorityId))!]
    state.change(
      issue.id,
      { priorityId: to.id },
      { userId: agentId, at, items: [toItem('priority', from.id, from.name, to.id, to.name)] },
    )
  }
}

/** The request goes to the customer, or back to the agents. */
function step(state: JiraState, issue: JiraIssue, agentId: string, at: number): void {
  const waits = issue.statusId === '10002'
  const back = issue.key.startsWith('PAY') ? '10005' : '10001'
  moveTo(state, issue, waits ? back : '10002', waits ? automation.accountId : agentId, at, issue.resolutionId)
}

function write(state: JiraState, issue: JiraIssue, authorId: string, text: string, isPublic: boolean, at: number): void {
  const comment: JiraComment = {
    ...{
      id: state.nextId(),
      authorId,
      body: fromWiki(text),
      isPublic,
      created: at,
      updated: at,
      visibility: null,
      attachmentIds: [],
    },
    properties: isPublic ? {} : { 'sd.public.comment': { internal: true } },
  }
  const by = { userId: authorId, at, comment: { kind: 'comment_created', id: comment.id } } as const
  state.change(issue.id, { comments: [...issue.comments, comment] }, by)
}

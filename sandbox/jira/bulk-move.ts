import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { toItem } from './changes.ts'
import { requestTypes } from './fields.ts'
import type { JiraIssue } from './model.ts'
import { Refusal, type RouteMaker, type View } from './routing.ts'
import { findProject, type JiraProject, projects } from './site.ts'
import type { JiraState } from './state.ts'
import { toJiraTime } from './times.ts'
import { toUser } from './wire-platform.ts'
import { byId, statuses, statusesOf, workflowOf } from './workflows.ts'

interface MoveTask {
  readonly id: string
  readonly userId: string
  readonly created: number
  readonly dueAt: number
  readonly moves: readonly { readonly issueId: number; readonly project: JiraProject; readonly issueTypeId: string }[]
  done: boolean
}

/** Moves issues to other projects, as a task that a caller polls. */
export interface BulkMoves {
  routes(route: RouteMaker): Route[]
  /** Finishes the tasks whose time has come. */
  settle(): void
}

const largestMove = 1000

export function createBulkMoves(state: JiraState): BulkMoves {
  const tasks = new Map<string, MoveTask>()
  const settle = () => {
    for (const task of tasks.values()) {
      if (task.done || state.now() < task.dueAt) continue
      task.done = true
      for (const { issueId, project, issueTypeId } of task.moves) moveIssue(state, issueId, project, issueTypeId, task.userId)
    }
  }
  const submit = (view: View, request: SimulatorRequest): Reply => {
    const moves = readMoves(view, request.json().targetToSourcesMapping)
    const id = String(10_000 + tasks.size)
    const now = state.now()
    tasks.set(id, { id, userId: view.user.accountId, created: now, dueAt: now + state.settings.moveTaskMs, moves, done: false })
    settle()
    return { status: 201, body: { taskId: id } }
  }
  const progress = (view: View, { params }: SimulatorRequest): Reply => {
    const task = tasks.get(params[0] ?? '')
    if (!task) refuse(`No task with id ${params[0]}.`)
    const ids = task.moves.map(({ issueId }) => issueId)
    return {
      status: 200,
      body: {
        ...{ taskId: task.id, status: task.done ? 'COMPLETE' : 'RUNNING', progressPercent: task.done ? 100 : 0 },
        ...{ submittedBy: toUser(view, task.userId), created: toJiraTime(task.created, view.zone) },
        ...{ started: toJiraTime(task.created, view.zone), updated: toJiraTime(state.now(), view.zone) },
        ...{ totalIssueCount: ids.length, processedAccessibleIssues: task.done ? ids : [], invalidOrInaccessibleIssueCount: 0 },
        failedAccessibleIssues: {},
      },
    }
  }
  return {
    routes: (route) => [
      route('POST', '/bulk/issues/move', 'move-issues', submit),
      route('GET', '/bulk/queue/{}', 'move-task', progress),
    ],
    settle,
  }
}

/** Bulk operations have a shape of failures of their own. */
function refuse(message: string): never {
  throw new Refusal({ status: 400, body: { errors: [{ message }] } })
}

/** `{"PAY,10010": {"issueIdsOrKeys": [...]}}`: the target project and issue type, and the issues. */
function readMoves(view: View, raw: unknown): MoveTask['moves'] {
  const mapping =
    typeof raw === 'object' && raw !== null ? Object.entries(raw as Record<string, { issueIdsOrKeys?: unknown } | null>) : []
  if (mapping.length === 0) refuse('targetToSourcesMapping must not be empty.')
  const moves = mapping.flatMap(([target, sources]) => {
    const [projectKey = '', issueTypeId = ''] = target.split(',')
    const project = findProject(projectKey)
    if (!project?.issueTypeIds.includes(issueTypeId)) refuse(`The target '${target}' is not valid.`)
    const named = sources?.issueIdsOrKeys
    return (Array.isArray(named) ? named.map(String) : []).map((idOrKey) => {
      const issue = view.state.find(idOrKey)
      return { issueId: issue?.id ?? refuse(`The issue '${idOrKey}' does not exist.`), project, issueTypeId }
    })
  })
  if (moves.length > largestMove) refuse(`At most ${largestMove} issues can be moved.`)
  return moves
}

/**
 * The issue keeps its id and gets a key of the new project; the old key still leads to it. Its status stays where the new workflow
 * has it. It becomes a request of the target's first request type of the issue type, or none.
 */
function moveIssue(state: JiraState, id: number, project: JiraProject, issueTypeId: string, userId: string): void {
  const issue = state.find(String(id))
  if (!issue || issue.projectId === project.id) return
  const key = state.nextKey(project.id)
  const staysInStatus = statusesOf(project).some((status) => status.id === issue.statusId)
  const statusId = staysInStatus ? issue.statusId : workflowOf(project).initial
  const type = requestTypes.find((one) => one.serviceDeskId === project.serviceDeskId && one.issueTypeId === issueTypeId)
  const from = projects.find((one) => one.id === issue.projectId)!
  const statusItem = toItem(
    'status',
    issue.statusId,
    byId(statuses, issue.statusId).name,
    statusId,
    byId(statuses, statusId).name,
  )
  const items = [
    toItem('project', String(from.id), from.name, String(project.id), project.name),
    { ...toItem('Key', null, issue.key, null, key), fieldId: 'issuekey' },
    ...(staysInStatus ? [] : [statusItem]),
  ]
  const changes: Partial<JiraIssue> = {
    ...{ key, oldKeys: [...issue.oldKeys, issue.key], projectId: project.id, issueTypeId, statusId },
    ...{ requestTypeId: issue.requestTypeId === null ? null : (type?.id ?? null) },
    statusChangedAt: staysInStatus ? issue.statusChangedAt : state.now(),
  }
  state.change(id, changes, { userId, items })
}

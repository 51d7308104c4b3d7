import { createHash } from 'node:crypto'
import type { Reply, Route } from '../simulator.ts'
import { asObject, type Call, type Endpoints } from './endpoint.ts'
import { noRecord, refused } from './errors.ts'
import { type Id, toId, toIds } from './json.ts'
import { findTicket, isReply } from './read-routes.ts'
import type { Comment, Ticket, User } from './records.ts'
import { commit } from './ticket-changes.ts'
import { defaultStatus } from './ticket-input.ts'
import { findClosed, update, type WriteContext } from './write-routes.ts'

/** What a job did to one record. */
type Result = Readonly<Record<string, unknown>>

interface Job {
  readonly id: string
  readonly type: string
  readonly total: number
  readonly dueAt: number
  readonly work: (now: number) => readonly Result[]
  results: readonly Result[] | null
}

/** Work that the account does after it answered. */
export interface Jobs {
  /** Does what is due. */
  run(now: number): void
  routes(): Route[]
}

/** Merging tickets and changing many. A job is done `delayMs` after it was ordered. */
export function createJobs(context: WriteContext, delayMs: number): Jobs {
  const jobs = new Map<string, Job>()
  const order = (call: Call, type: string, total: number, work: Job['work']): Reply => {
    const id = createHash('md5').update(`job ${jobs.size}`).digest('hex')
    const job: Job = { ...{ id, type, total, work, results: null }, dueAt: call.now + delayMs }
    jobs.set(id, job)
    return { status: 200, body: { job_status: print(job, call) } }
  }
  const { endpoints } = context
  return {
    run(now) {
      for (const job of jobs.values()) if (job.results === null && now >= job.dueAt) job.results = job.work(now)
    },
    routes: () => [
      endpoints.on('POST', '/tickets/:id/merge', 'merge', (call) => {
        const target = findTicket(context, call)
        if (isReply(target)) return target
        const ids = [call.body().ids ?? []].flat().flatMap((id) => toId(id) ?? [])
        if (ids.length === 0 || ids.includes(target.id)) return refused(400, 'BadRequest', 'ids must name other tickets')
        return order(call, 'Ticket Merge', ids.length, (now) => merge(context, { target: target.id, ids, call, now }))
      }),
      endpoints.on(
        'PUT',
        '/tickets/update_many',
        'update_many',
        (call) => {
          const ids = toIds(call.query.get('ids'))
          if (ids.length === 0 || ids.length > 100)
            return refused(400, 'TooManyValues', 'From 1 to 100 records can be changed at once')
          const sent = asObject(call.body().ticket)
          return order(call, 'Bulk Update Ticket', ids.length, (now) =>
            ids.map((id) => updateOne(context, call.user, now, id, sent)),
          )
        },
        { limit: 'tickets-update' },
      ),
      ...statusRoutes(endpoints, jobs),
    ],
  }
}

function statusRoutes(endpoints: Endpoints, jobs: ReadonlyMap<string, Job>): Route[] {
  return [
    endpoints.on('GET', '/job_statuses', 'job_status', (call) => ({
      status: 200,
      body: { job_statuses: [...jobs.values()].map((job) => print(job, call)) },
    })),
    endpoints.on('GET', '/job_statuses/:text', 'job_status', (call) => {
      const job = jobs.get(call.params[0] ?? '')
      return job ? { status: 200, body: { job_status: print(job, call) } } : noRecord
    }),
  ]
}

function print({ id, type, total, results }: Job, { origin }: Pick<Call, 'origin'>) {
  const isFailed = results?.every(({ success }) => success === false) ?? false
  return {
    ...{ id, job_type: type, url: `${origin}/api/v2/job_statuses/${id}.json`, total },
    progress: results === null ? null : total,
    status: results === null ? 'queued' : isFailed ? 'failed' : 'completed',
    message: results === null ? null : isFailed ? 'The job failed' : 'Completed',
    results,
  }
}

function updateOne(context: WriteContext, user: User, now: number, id: Id, sent: Readonly<Record<string, unknown>>): Result {
  const ticket = context.state.ticket(id)
  if (!ticket || ticket.status === 'deleted') return failed('update', id, 'TicketNotFound', 'The ticket was not found')
  const done = update(context, { user, now }, ticket, sent, 'update_many')
  if (isReply(done.ticket)) return failed('update', id, 'TicketUpdateFailed', 'The ticket cannot be updated')
  return { id, action: 'update', success: true, status: 'Updated' }
}

function failed(action: string, id: Id, error: string, details: string): Result {
  return { id, action, success: false, error, details }
}

interface Merging {
  readonly target: Id
  readonly ids: readonly Id[]
  readonly call: Call
  readonly now: number
}

/** Closes the sources with a comment in each, and tells the target. A merge cannot be undone. */
function merge({ state }: WriteContext, { target: targetId, ids, call, now }: Merging): readonly Result[] {
  const sent = call.body()
  const write = (text: unknown, isPublic: unknown): Comment | null =>
    typeof text === 'string' && text !== ''
      ? {
          ...{ id: state.nextId(), auditId: state.nextId(), authorId: call.user.id, body: text, html: null },
          ...{ isPublic: isPublic === true, channel: 'api', attachments: [], at: now },
        }
      : null
  const results = ids.map((id): Result => {
    const source = state.ticket(id)
    const target = state.ticket(targetId)
    if (!source || !target || source.status === 'deleted')
      return failed('merge', id, 'TicketNotFound', 'The ticket was not found')
    if (findClosed(source) || findClosed(target))
      return failed('merge', id, 'TicketMergeFailed', 'A closed ticket cannot be merged')
    const text = sent.source_comment ?? `This request was closed and merged into request #${targetId} "${target.subject}".`
    const closed: Ticket = {
      ...source,
      ...{ status: 'closed', customStatusId: defaultStatus('closed') },
      tags: [...source.tags, 'closed_by_merge'],
    }
    commit(state, source, closed, write(text, sent.source_comment_is_public), call.user)
    return { id, action: 'merge', success: true, status: 'Merged' }
  })
  const target = state.ticket(targetId)
  const merged = results.flatMap(({ id, success }) => (success ? [`#${id}`] : []))
  if (target && merged.length > 0) {
    const text = sent.target_comment ?? `Requests ${merged.join(', ')} were closed and merged into this request.`
    commit(state, target, target, write(text, sent.target_comment_is_public), call.user)
  }
  return results
}

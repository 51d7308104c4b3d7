import type { Reply, Route } from '../simulator.ts'
import { addConversation, type ConversationContext } from './conversation-writes.ts'
import type { Call } from './endpoint.ts'
import { invalid, missing, notFound, unexpected, wrongType } from './errors.ts'
import { isObject } from './input.ts'
import { newReply } from './new-records.ts'
import { isListed, mayRead } from './state.ts'
import { change } from './ticket-writes.ts'
import { asHtml } from './wire.ts'

interface JobContext extends ConversationContext {
  /** How long a job takes. */
  readonly jobDelayMs: number
}

interface Job {
  readonly id: string
  readonly doneAt: number
  run(): void
}

/** Changes of many tickets, which the account makes in the background. */
export function createJobs(context: JobContext): { routes(): Route[]; runDue(now: number): void } {
  const jobs = new Map<string, Job>()
  const waiting = new Set<Job>()
  const runDue = (now: number) => {
    for (const job of waiting) {
      if (now < job.doneAt) continue
      waiting.delete(job)
      job.run()
    }
  }
  const start = (call: Call): Reply => {
    const asked = readBulk(call)
    if ('status' in asked) return asked
    const job: Job = {
      ...{ id: `bulk${String(jobs.size + 1).padStart(24, '0')}`, doneAt: call.now + context.jobDelayMs },
      run: () => changeAll(context, call, asked),
    }
    jobs.set(job.id, job)
    waiting.add(job)
    return { status: 202, body: { job_id: job.id, href: `${call.origin}/api/v2/jobs/${job.id}` } }
  }
  const show = ({ params }: Call): Reply => {
    const job = jobs.get(params[0] ?? '')
    if (!job) return notFound
    const status = waiting.has(job) ? { status: 'IN PROGRESS', progress: 0 } : { status: 'COMPLETED', progress: 100 }
    return { status: 200, body: { id: job.id, ...status } }
  }
  const { endpoints } = context
  return {
    runDue,
    routes: () => [
      endpoints.on('POST', '/tickets/bulk_update', 'bulk-update', start, { endpoint: 'ticket-update' }),
      endpoints.on('GET', '/jobs/:text', 'job', show),
    ],
  }
}

interface Bulk {
  readonly ids: readonly number[]
  readonly properties: Readonly<Record<string, unknown>>
  /** HTML; null: no reply. */
  readonly reply: string | null
}

function readBulk({ input }: Call): Bulk | Reply {
  const action = input.values.bulk_action
  if (!isObject(action)) return invalid(missing('bulk_action', 'It should be a/an Key/Value Pair'))
  const strange = Object.keys(action).filter((name) => !['ids', 'properties', 'reply'].includes(name))
  if (strange.length > 0) return invalid(...strange.map(unexpected))
  const { ids, properties = {}, reply } = action
  if (!Array.isArray(ids) || !ids.every(Number.isInteger)) return invalid(wrongType('ids', 'It should be a/an Array'))
  const body = isObject(reply) && typeof reply.body === 'string' ? asHtml(reply.body) : null
  return { ids, properties: isObject(properties) ? properties : {}, reply: body }
}

/** A ticket that refuses its change is left as it is, and gets no reply. */
function changeAll(context: JobContext, { agent, now }: Call, { ids, properties, reply }: Bulk): void {
  const { state, outbox } = context
  for (const id of ids) {
    const ticket = state.ticket(id)
    if (!ticket || !isListed(ticket, now) || !mayRead(agent, ticket)) continue
    const isChange = Object.keys(properties).length > 0
    const changed = isChange ? change(context, ticket, { input: { values: properties, files: [], isForm: false } }) : { ticket }
    const requester = state.contact(ticket.requesterId)
    if (reply === null || 'refusal' in changed || !requester) continue
    addConversation(state, changed.ticket, newReply(state, { body: reply, author: agent, requester, at: now }))
    outbox.send({ ticketId: id, to: requester.email === null ? [] : [requester.email], body: reply })
  }
}

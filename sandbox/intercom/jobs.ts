import type { Route } from '../simulator.ts'
import type { Context } from './context.ts'
import { refused } from './errors.ts'
import { prepareTicket } from './write-routes.ts'

interface Job {
  readonly id: string
  readonly dueAt: number
  readonly run: (now: number) => string
  /** The id of the ticket, when it exists. */
  result: string | null
  status: 'pending' | 'success' | 'failed'
}

/** Work that the workspace does later. */
export interface Jobs {
  routes(): Route[]
  /** Does what is due. */
  run(now: number): void
}

/** Creates tickets later. The request is checked when it comes. */
export function createJobs(context: Context): Jobs {
  const jobs = new Map<string, Job>()
  const print = ({ id, status, result }: Job, origin: string) => ({
    ...{ type: 'job', id, status, url: `${origin}/jobs/status/${id}`, resource_type: 'ticket', resource_id: result },
    resource_url: result === null ? null : `${origin}/tickets/${result}`,
  })
  return {
    routes: () => [
      context.endpoints.on(
        ...(['POST', '/tickets/enqueue', 'enqueue'] as const),
        (call) => {
          const create = prepareTicket(context, call)
          const id = String(jobs.size + 1)
          const dueAt = call.now + context.jobDelayMs
          const job: Job = { id, dueAt, run: (now) => create(now).id, result: null, status: 'pending' }
          jobs.set(id, job)
          return { status: 200, body: print(job, call.origin) }
        },
        { isWrite: true },
      ),
      context.endpoints.on('GET', '/jobs/status/:id', 'job', ({ params, origin }) => {
        const job = jobs.get(params[0] ?? '')
        return job ? { status: 200, body: print(job, origin) } : refused(404, 'job_not_found', 'Job Not Found')
      }),
    ],
    run(now) {
      for (const job of jobs.values()) {
        if (job.status !== 'pending' || job.dueAt > now) continue
        try {
          job.result = job.run(now)
          job.status = 'success'
        } catch {
          // The contact that the request named by its id is unknown.
          job.status = 'failed'
        }
      }
    },
  }
}

import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Viewer } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import { maySee } from '../../domain/permissions.ts'
import type { TicketSource } from '../../sources/source.ts'
import { refuseOtherMethods } from './methods.ts'

/** One of our own dependencies: the store, Redis, the key set. */
export interface Dependency {
  readonly name: string
  /** Resolves when it works; rejects when it does not. After a second it counts as down. */
  check(): Promise<unknown>
}

export interface HealthRoutesDeps {
  readonly dependencies: readonly Dependency[]
  /** A source that fails never makes the gateway unready. */
  readonly sources: readonly Pick<TicketSource, 'info' | 'health'>[]
  /** What is wrong and does not stop the gateway, for example a broken edit of a routing file. */
  readonly directories: readonly { readonly sourceKey: string; problem(): string | null }[]
  /** Details are only for a viewer. Rejects for wrong credentials. */
  readonly authenticate: (headers: IncomingHttpHeaders) => Promise<Viewer>
  readonly isClosing: () => boolean
}

/** `/health/live`: the process answers. `/health/ready`: it can serve; details only for who is signed in. */
export async function healthRoutes(app: FastifyInstance, deps: HealthRoutesDeps): Promise<void> {
  app.get('/health/live', async (_request, reply) => reply.send({ status: 'live' }))
  app.get('/health/ready', async (request, reply) => {
    const dependencies = await Promise.all(deps.dependencies.map(stateOf))
    const ready = !deps.isClosing() && dependencies.every((dependency) => dependency.state === 'UP')
    const status = ready ? 'ready' : deps.isClosing() ? 'closing' : 'not ready'
    const viewer = await deps.authenticate(request.headers).catch(toNoViewer)
    const details = viewer && {
      dependencies,
      sources: await Promise.all(deps.sources.filter(({ info }) => maySee(viewer, info.key)).map(healthOf)),
      warnings: deps.directories
        .filter(({ sourceKey }) => maySee(viewer, sourceKey))
        .flatMap((directory) => toWarnings(directory.sourceKey, directory.problem())),
    }
    return reply.code(ready ? 200 : 503).send({ status, ...details })
  })
  refuseOtherMethods(app, '/health/live', ['GET'])
  refuseOtherMethods(app, '/health/ready', ['GET'])
}

/** A source whose health does not come within a second is DOWN: its events are in a store that does not answer. */
async function healthOf({ info, health }: Pick<TicketSource, 'info' | 'health'>) {
  const found = await within(Promise.resolve(health()), patienceMs).catch(() => ({ state: 'DOWN' }))
  return { key: info.key, ...found }
}

function toWarnings(key: string, problem: string | null) {
  return problem === null ? [] : [{ key, problem }]
}

/** Wrong credentials get the status without details, as no credentials do. */
function toNoViewer(error: unknown): null {
  if (error instanceof DeskgraphError) return null
  throw error
}

const patienceMs = 1_000

/** A dependency that does not answer within a second counts as down: an orchestrator does not wait for readiness for long either. */
async function stateOf(dependency: Dependency): Promise<{ name: string; state: 'UP' | 'DOWN' }> {
  try {
    await within(dependency.check(), patienceMs)
    return { name: dependency.name, state: 'UP' }
  } catch {
    return { name: dependency.name, state: 'DOWN' }
  }
}

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('There was no answer in time.')), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

import type { FastifyInstance } from 'fastify'
import type { Viewer } from '../../domain/call.ts'
import { maySee } from '../../domain/permissions.ts'
import type { SourceHealth } from '../../sources/source.ts'
import { refuseOtherMethods } from './methods.ts'

/** One of our own dependencies: the store, Redis, the key set. */
export interface Dependency {
  readonly name: string
  /** Resolves when it works; rejects when it does not. After a second it counts as down. */
  check(): Promise<void>
}

export interface HealthRoutesDeps {
  readonly dependencies: readonly Dependency[]
  /** Sources are listed, and never make the gateway unready: one vendor's bad day is not ours. */
  readonly sources: () => readonly { readonly key: string; readonly health: SourceHealth }[]
  /** What is wrong and does not stop the gateway, e.g. a broken edit of a routing file; by source. */
  readonly warnings: () => readonly { readonly key: string; readonly problem: string }[]
  /** The viewer of a request that carries a token; null when it carries none or a wrong one. */
  readonly viewerOf: (headers: Readonly<Record<string, string | string[] | undefined>>) => Promise<Viewer | null>
  readonly isClosing: () => boolean
}

/** `/health/live`: the process answers. `/health/ready`: it can serve; details only for who is signed in. */
export async function healthRoutes(app: FastifyInstance, deps: HealthRoutesDeps): Promise<void> {
  app.get('/health/live', async (_request, reply) => reply.send({ status: 'live' }))
  app.get('/health/ready', async (request, reply) => {
    const dependencies = await Promise.all(deps.dependencies.map(stateOf))
    const ready = !deps.isClosing() && dependencies.every((dependency) => dependency.state === 'UP')
    const status = ready ? 'ready' : deps.isClosing() ? 'closing' : 'not ready'
    const viewer = await deps.viewerOf(request.headers)
    const details = viewer && {
      dependencies,
      sources: deps
        .sources()
        .filter((source) => maySee(viewer, source.key))
        .map(({ key, health }) => ({ key, ...health })),
      warnings: deps.warnings().filter((warning) => maySee(viewer, warning.key)),
    }
    return reply.code(ready ? 200 : 503).send({ status, ...details })
  })
  refuseOtherMethods(app, '/health/live', ['GET'])
  refuseOtherMethods(app, '/health/ready', ['GET'])
}

const patienceMs = 1_000

/** What has not answered after a second is down: whoever asks for readiness does not wait for long either. */
async function stateOf(dependency: Dependency): Promise<{ name: string; state: 'UP' | 'DOWN' }> {
  try {
    await within(dependency.check(), patienceMs)
    return { name: dependency.name, state: 'UP' }
  } catch {
    return { name: dependency.name, state: 'DOWN' }
  }
}

function within(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('There was no answer in time.')), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

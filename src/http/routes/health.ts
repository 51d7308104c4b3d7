import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Viewer } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import { maySee } from '../../domain/permissions.ts'
import type { TicketSource } from '../../sources/source.ts'
import { type DependencyMonitor, withinASecond } from '../dependency-monitor.ts'
import { refuseOtherMethods } from './methods.ts'

export interface HealthRoutesDeps {
  readonly dependencies: Pick<DependencyMonitor, 'check' | 'wereAllReached'>
  /** A source that fails never makes the gateway unready. */
  readonly sources: readonly Pick<TicketSource, 'info' | 'health'>[]
  /** What is wrong and does not stop the gateway, for example a broken edit of a routing file. */
  readonly directories: readonly { readonly sourceKey: string; problem(): string | null }[]
  /** Details are only for a viewer. Rejects for wrong credentials. */
  readonly authenticate: (headers: IncomingHttpHeaders) => Promise<Viewer>
  readonly isClosing: () => boolean
}

/**
 * `/health/live`: the process answers. `/health/ready`: it can serve something; 503 only before the first contact with the store and the keys,
 * and while it ends. What fails later stands in the body, for signed-in viewers.
 */
export async function healthRoutes(app: FastifyInstance, deps: HealthRoutesDeps): Promise<void> {
  app.get('/health/live', async (_request, reply) => reply.send({ status: 'live' }))
  app.get('/health/ready', async (request, reply) => {
    const dependencies = await deps.dependencies.check()
    const ready = !deps.isClosing() && deps.dependencies.wereAllReached()
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
  const found = await withinASecond(Promise.resolve(health())).catch(() => ({ state: 'DOWN' }))
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

import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DeskgraphError } from '../../domain/errors.ts'
import { compress } from '../compression.ts'
import { addVary } from '../plugins/cors.ts'
import type { GraphRouteDeps } from './graphql.ts'
import { refuseOtherMethods } from './methods.ts'

const path = '/graphql/schema.graphql'

export interface SchemaRouteDeps extends Pick<GraphRouteDeps, 'authenticate' | 'checkRateLimit'> {
  /** The graph as SDL; null: introspection is closed. */
  readonly schemaText: (() => string) | null
}

/**
 * `GET /graphql/schema.graphql`: the graph as SDL, for code generators and for comparisons. It follows the rule of introspection: sign-in, rate
 * limit, and FORBIDDEN where introspection is closed. The entity tag changes with the graph alone.
 */
export async function schemaRoute(app: FastifyInstance, deps: SchemaRouteDeps): Promise<void> {
  app.get(path, async (request: FastifyRequest, reply: FastifyReply) => {
    const viewer = await deps.authenticate(request.headers)
    await deps.checkRateLimit?.(viewer, request.ip, (name, value) => void reply.header(name, value))
    if (!deps.schemaText) throw new DeskgraphError('FORBIDDEN', 'The schema is not served here, because introspection is closed.')
    const body = deps.schemaText()
    // Weak: the compressed texts have it too.
    const tag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
    // A client may keep the text, and has to ask whether it is still the same: a proxy in between may not answer for the sign-in.
    void reply.headers({ etag: tag, 'cache-control': 'private, no-cache' })
    if (isKnown(request.headers['if-none-match'], tag)) return reply.code(304).send()
    const plain = { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
    const { headers, body: payload } = await compress(plain, request.headers)
    const { vary, ...others } = headers
    if (vary !== undefined) addVary(reply, vary)
    return reply.headers(others).send(payload)
  })
  refuseOtherMethods(app, path, ['GET'])
}

/** By RFC 9110 §13.1.2: weak comparison, a list, or `*`. */
function isKnown(header: string | undefined, tag: string): boolean {
  const known = header?.split(',').map((one) => one.trim()) ?? []
  return known.some((one) => one === '*' || one.replace(/^W\//, '') === tag.replace(/^W\//, ''))
}

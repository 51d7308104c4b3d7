import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyRequest } from 'fastify'

export interface ConsoleDeps {
  /** Where the built console lies: index.html and assets/. */
  readonly folder: string
}

/**
 * What the console may load: itself, nothing else. GraphiQL's editor sets styles from script and starts its workers
 * from blobs; there is no eval and no foreign host.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** GraphiQL for a browser that opens /graphql; its files under /graphql/assets/. */
export async function consoleRoutes(app: FastifyInstance, { folder }: ConsoleDeps): Promise<void> {
  const page = await readFile(join(folder, 'index.html'))
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/graphql/assets/',
    // The build puts a hash of its content into every file's name.
    immutable: true,
    maxAge: '365d',
    decorateReply: false,
  })
  app.addHook('onRequest', async (request, reply) => {
    if (!wantsConsole(request)) return
    return reply
      .header('content-security-policy', contentSecurityPolicy)
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(page)
  })
}

/** A browser's own page load, not a query by GET nor an event stream. */
function wantsConsole(request: FastifyRequest): boolean {
  return request.method === 'GET' && request.url === '/graphql' && (request.headers.accept ?? '').includes('text/html')
}

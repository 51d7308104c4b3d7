import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readAccept } from '../media-types.ts'
import { addVary } from '../plugins/cors.ts'
import { refuseOtherMethods } from './methods.ts'
import { isOwnPage, type SandboxPanel, sandboxRoutes } from './sandbox.ts'

export interface ConsoleDeps {
  /** The folder with the built console: index.html, assets/ and reference/. */
  readonly folder: string
  /** The faults of the sandbox, which the console then shows to a browser on this machine. Absent: no sandbox runs. */
  readonly sandbox?: SandboxPanel | undefined
}

/**
 * The console loads only its own files. GraphiQL's editor sets styles from scripts and starts workers from blobs. There is no eval and no
 * other host.
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

/** The reference is a page of text with one style and one script. */
const referencePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** GraphiQL for a browser that opens /graphql; its files under /graphql/assets/. The reference of the graph at /graphql/reference. */
export async function consoleRoutes(app: FastifyInstance, { folder, sandbox }: ConsoleDeps): Promise<void> {
  const page = await readFile(join(folder, 'index.html'), 'utf8')
  const sandboxPage = page.replace(sandboxMark, sandboxMark.replace('off', 'on'))
  if (sandbox) await app.register(sandboxRoutes, sandbox)
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/graphql/assets/',
    // Every file name contains a hash of the content.
    immutable: true,
    maxAge: '365d',
    decorateReply: false,
    // The build has compressed every file.
    preCompressed: true,
  })
  await app.register(referenceRoute, { folder })
  app.addHook('onRequest', async (request, reply) => {
    if (!wantsConsole(request)) return
    addVary(reply, 'accept')
    return reply
      .header('content-security-policy', contentSecurityPolicy)
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(sandbox && isOwnPage(request) ? sandboxPage : page)
  })
}

/** The page shows the faults of the sandbox where this says `on`. */
const sandboxMark = '<meta name="deskgraph-sandbox" content="off"'

/** True for a page load of a browser, also of a link with a query, and false for a query by GET and for an event stream. */
function wantsConsole({ method, routeOptions, headers }: FastifyRequest): boolean {
  return method === 'GET' && routeOptions.url === '/graphql' && readAccept(headers.accept).prefersHtml
}

/** The reference: one static page, which a browser asks for anew only when the build has changed it. */
async function referenceRoute(app: FastifyInstance, { folder }: ConsoleDeps): Promise<void> {
  await app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true, cacheControl: false })
  app.get(referencePath, async (_request, reply) =>
    reply.header('content-security-policy', referencePolicy).header('cache-control', 'no-cache').sendFile('reference/index.html'),
  )
  refuseOtherMethods(app, referencePath, ['GET'])
}
const referencePath = '/graphql/reference'

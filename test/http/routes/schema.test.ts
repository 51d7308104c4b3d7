import { readFileSync } from 'node:fs'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import type { GatewayConfig } from '../../../src/config/gateway-config.ts'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { anonymous } from '../../../src/domain/permissions.ts'
import { noFailureLog } from '../../../src/domain/telemetry.ts'
import { createSchema } from '../../../src/graphql/schema/index.ts'
import { toSdl } from '../../../src/graphql/schema/sdl.ts'
import { createErrorHandler } from '../../../src/http/error-response.ts'
import { type SchemaRouteDeps, schemaRoute } from '../../../src/http/routes/schema.ts'
import { startGatewayUnderTest } from '../../support/gateway.ts'

const schema = createSchema()
const committed = readFileSync('schema.graphql', 'utf8')
let app: FastifyInstance | undefined
afterEach(() => app?.close())

async function start(given: Partial<SchemaRouteDeps> = {}): Promise<string> {
  app = Fastify()
  app.setErrorHandler(createErrorHandler(noFailureLog))
  await app.register(schemaRoute, { authenticate: () => anonymous, schemaText: () => toSdl(schema), ...given })
  return `${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql/schema.graphql`
}

describe('RELEASE-03: the schema as text', () => {
  it('is the committed schema.graphql, also of a subgraph', async () => {
    expect(await (await fetch(await start())).text()).toBe(committed)
    expect(toSdl(createSchema({ federation: true }))).toBe(committed)
  })

  it('has an entity tag, by which a client learns that nothing changed', async () => {
    const url = await start()
    const first = await fetch(url)
    const etag = first.headers.get('etag')!
    expect(etag).toMatch(/^W\/"[\w-]{27}"$/)
    expect(first.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(first.headers.get('cache-control')).toBe('private, no-cache')
    for (const known of [etag, etag.slice(2), `"other", ${etag}`, '*']) {
      const again = await fetch(url, { headers: { 'if-none-match': known } })
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
    }
    expect((await fetch(url, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
    await app?.close()
    const other = await start({ schemaText: () => 'type Query { other: Int }' })
    expect((await fetch(other, { headers: { 'if-none-match': etag } })).status).toBe(200)
  })

  it('is compressed where the client accepts it', async () => {
    const url = await start()
    const response = await fetch(url, { headers: { 'accept-encoding': 'br' } })
    expect([response.headers.get('content-encoding'), response.headers.get('vary')]).toEqual(['br', 'accept-encoding'])
    expect(await response.text()).toBe(committed)
    expect((await fetch(url, { headers: { 'accept-encoding': 'identity' } })).headers.get('content-encoding')).toBeNull()
  })

  it('needs a sign-in, counts for the rate limit, and is FORBIDDEN where introspection is closed', async () => {
    const refusalOf = async (given: Partial<SchemaRouteDeps>) => {
      const response = await fetch(await start(given))
      const [{ extensions }] = ((await response.json()) as { errors: [{ extensions: { code: string } }] }).errors
      await app?.close()
      return [response.status, extensions.code]
    }
    const unsigned = new DeskgraphError('UNAUTHENTICATED', 'A valid bearer token is needed.')
    expect(await refusalOf({ authenticate: () => Promise.reject(unsigned), schemaText: null })).toEqual([401, 'UNAUTHENTICATED'])
    const limited = new DeskgraphError('RATE_LIMITED', 'Too many requests.')
    expect(await refusalOf({ checkRateLimit: () => Promise.reject(limited) })).toEqual([429, 'RATE_LIMITED'])
    expect(await refusalOf({ schemaText: null })).toEqual([403, 'FORBIDDEN'])
  })

  it('is served to GET and HEAD alone', async () => {
    const url = await start()
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const post = await fetch(url, { method: 'POST' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET'])
  })

  it('is FORBIDDEN by a gateway whose introspection is closed', async () => {
    const sandbox = { counts: { oneview: 1, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } }
    const config = (given: GatewayConfig): GatewayConfig => ({ ...given, introspection: false })
    const gateway = await startGatewayUnderTest({ sandbox, replayHistory: false, config })
    const { status } = await fetch(`${gateway.url}/graphql/schema.graphql`)
    await gateway.close()
    expect(status).toBe(403)
  }, 60_000)
})

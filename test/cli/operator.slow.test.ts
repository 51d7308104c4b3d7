import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { authConfig } from '../../src/auth/config.ts'
import { createDevelopmentToken } from '../../src/auth/development-token.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { routingText } from '../delivery/delivery-fixture.ts'
import { type FakePartner, ok, startPartner, status } from '../delivery/fake-partner.ts'
import { createDatabase, hasPostgres } from '../support/databases.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

const withPostgres = await hasPostgres()
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

interface Listed {
  readonly id: string
  readonly source: string
  readonly state: string
}

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the command in a process of its own, with this environment alone. */
function deskgraph(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const { PATH = '' } = process.env
  const command = ['--import', 'tsx', 'src/cli/index.ts', ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env: { PATH, ...environment } }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err })
    })
  })
}

const engines = [
  { by: 'the graph of a gateway on the embedded database', usable: true, open: async () => null },
  { by: 'PostgreSQL', usable: withPostgres, open: createDatabase },
]

describe.each(engines)('COMMAND-01 by $by', ({ usable, open }) => {
  describe.runIf(usable)('deskgraph', () => {
    const folder = mkdtempSync(join(tmpdir(), 'deskgraph-operator-'))
    let partner: FakePartner
    let gone: FakePartner
    let gateway: GatewayUnderTest
    let database: Awaited<ReturnType<typeof createDatabase>> | null
    let environment: Record<string, string>
    let authorization: string

    beforeAll(async () => {
      partner = await startPartner(status(500))
      gone = await startPartner(status(410))
      database = await open()
      const secret = 'partner-secret-of-the-tests'
      const routing = join(folder, 'routing.yaml')
      const text = routingText([
        { key: 'careco', url: partner.url, secret, stores: ['1001'] },
        { key: 'gone', url: gone.url, secret, stores: ['2002'] },
      ])
      writeFileSync(routing, text)
      const config = join(folder, 'gateway.yaml')
      const hook = 'a-token-of-the-tests'
      writeFileSync(
        config,
        `sources:\n  rbi: { system: rbi, routing: ${routing}, secret: ${hook} }\n  vcc: { system: vcc, account: acme, secret: ${hook} }\n`,
      )
      const { token, configuration } = await createDevelopmentToken({
        directory: join(folder, 'keys'),
        subject: 'ann',
        scopes: ['routing:admin', 'tickets:read', 'tickets:write', 'source:*'],
        lifetimeSeconds: 600,
        clock: systemClock,
      })
      authorization = `Bearer ${token}`
      gateway = await startGatewayUnderTest({
        replayHistory: false,
        environment: database ? { DATABASE_URL: database.url } : {},
        config: (base) => ({
          ...base,
          auth: authConfig.parse(parse(configuration).auth),
          deliveries: { ...base.deliveries, scheduleSeconds: [0] },
          sources: { ...base.sources, rbi: { ...base.sources.rbi!, routing } as typeof base.sources.rbi & object },
        }),
      })
      environment = database
        ? { DATABASE_URL: database.url, DESKGRAPH_CONFIG: config }
        : { DESKGRAPH_URL: gateway.url, DESKGRAPH_TOKEN: token }
    })
    afterAll(async () => {
      await gateway.close()
      await Promise.all([partner.close(), gone.close(), database?.drop()])
      rmSync(folder, { recursive: true, force: true })
    })

    const ask = (query: string, variables = {}) => gateway.ask(query, variables, { authorization })
    async function raise(storeId: string): Promise<void> {
      const order = { externalId: 'o-1', placedAt: new Date().toISOString() }
      const input = { source: 'rbi', category: 'order', subcategory: 'missing-item', description: 'Cold', storeId, order }
      const { createTicket } = await ask('mutation ($input: CreateTicketInput!) { createTicket(input: $input) { outcome } }', {
        input,
      })
      expect(createTicket.outcome).toBe('QUEUED')
    }
    const countOf = async (key: string, state: string): Promise<number> =>
      (await ask(`{ deliveries(first: 100, partner: "${key}", state: [${state}]) { nodes { id } } }`)).deliveries.nodes.length
    const become = (key: string, state: string, count: number) =>
      vi.waitFor(async () => expect(await countOf(key, state)).toBe(count), { timeout: 60_000, interval: 200 })

    test('deliveries list and replay: all of a partner, and by id', async () => {
      for (let n = 0; n < 3; n++) await raise('1001')
      await become('careco', 'DEAD', 3)
      const listed = await deskgraph(['deliveries', 'list', '--partner', 'careco', '--state', 'DEAD', '--json'], environment)
      expect(listed).toMatchObject({ code: 0, err: '' })
      const found = JSON.parse(listed.out) as { id: string; state: string; partner: string; lastStatus: number }[]
      expect(found.map(({ state, partner, lastStatus }) => [state, partner, lastStatus])).toEqual(
        Array(3).fill(['DEAD', 'careco', 500]),
      )
      partner.answer(ok)
      expect(await deskgraph(['deliveries', 'replay', found[0]!.id], environment)).toMatchObject({
        code: 0,
        out: '1 done, 0 failed\n',
      })
      await become('careco', 'DELIVERED', 1)
      const replayed = await deskgraph(['deliveries', 'replay', '--partner', 'careco', '--json'], environment)
      expect({ code: replayed.code, out: JSON.parse(replayed.out) }).toEqual({
        code: 0,
        out: { done: 2, failed: 0, userErrors: [] },
      })
      if (database) {
        expect(JSON.parse(replayed.err)).toMatchObject({
          audit: true,
          who: 'operator',
          what: 'replayDeliveries',
          subject: 'careco',
          outcome: 'APPLIED',
          count: 2,
        })
      }
      await become('careco', 'DELIVERED', 3)
      expect(await deskgraph(['deliveries', 'replay', '--partner', 'careco'], environment)).toMatchObject({
        code: 0,
        out: '0 done, 0 failed\n',
      })
    })

    test('deliveries enable sends what was held', async () => {
      for (let n = 0; n < 3; n++) await raise('2002')
      await become('gone', 'HELD', 3)
      gone.answer(ok)
      const args = ['deliveries', 'enable', 'rbi', 'gone']
      expect(await deskgraph(args, environment)).toMatchObject({ code: 0, out: '3 done, 0 failed\n' })
      await become('gone', 'DELIVERED', 3)
    })

    test('quarantine list, replay and discard; an event that fails again is a failure', async () => {
      const bodies = ['{"action":"merge","ticket":{"ticketId":1,"projectId":1}}', 'not JSON', '{}']
      for (const body of bodies) {
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(`${gateway.url}/webhooks/vcc?secret-key=sandbox-vcc-secret`, { method: 'POST', headers, body })
        expect(answer.status).toBe(200)
      }
      const list = async () =>
        JSON.parse((await deskgraph(['quarantine', 'list', '--source', 'vcc', '--json'], environment)).out) as Listed[]
      const held = await list()
      expect(held.map(({ source, state }) => [source, state])).toEqual(Array(3).fill(['vcc', 'HELD']))
      expect(Object.keys(held[0]!)).not.toContain('body')
      const replay = await deskgraph(['quarantine', 'replay', '--source', 'vcc'], environment)
      expect([replay.code, replay.out]).toEqual([1, '0 done, 3 failed\n'])
      const discard = ['quarantine', 'discard', held[0]!.id, held[1]!.id, '--reason', 'not ours']
      expect(await deskgraph(discard, environment)).toMatchObject({ code: 0, out: '2 done, 0 failed\n' })
      expect((await list()).map(({ state }) => state)).toEqual(['DISCARDED', 'DISCARDED', 'HELD'])
      const one = await deskgraph(['quarantine', 'replay', held[2]!.id], environment)
      expect([one.code, one.out]).toEqual([1, '0 done, 1 failed\n'])
      expect(one.err).toContain('is HELD.')
    })

    test('says what is wrong, and ends with 1', async () => {
      const unknown = await deskgraph(['deliveries', 'replay', '--partner', 'not-configured'], environment)
      expect([unknown.code, unknown.out]).toEqual([1, '0 done, 0 failed\n'])
      expect(unknown.err).toContain('NOT_FOUND: ')
      const neither = await deskgraph(['deliveries', 'replay'], environment)
      expect([neither.code, neither.err]).toEqual([1, 'Name ids of deliveries, or a partner with --partner.\n'])
      const id = await deskgraph(['quarantine', 'discard', 'nonsense', '--reason', 'x'], environment)
      expect([id.code, id.out]).toEqual([1, '0 done, 1 failed\n'])
    })
  })
})

test('COMMAND-01 without a gateway and PostgreSQL says what to name, and a gateway that refuses the token says why', async () => {
  const none = await deskgraph(['deliveries', 'list'], { DESKGRAPH_DATA_DIR: '/nowhere' })
  expect([none.code, none.err]).toEqual([
    1,
    'Name the running gateway with --url or DESKGRAPH_URL, or its PostgreSQL with DATABASE_URL and DESKGRAPH_CONFIG.\n',
  ])
  const refused = await deskgraph(['deliveries', 'list', '--url', 'http://127.0.0.1:1', '--token', 'canary-token'])
  expect([refused.code, refused.err]).toEqual([1, 'The gateway at 127.0.0.1:1 cannot be reached (ECONNREFUSED).\n'])
  const credentials = await deskgraph(['deliveries', 'list', '--url', 'http://ann:canary@127.0.0.1:1'])
  expect([credentials.code, credentials.err]).toEqual([1, '--url holds no credentials: use --token or DESKGRAPH_TOKEN.\n'])
})

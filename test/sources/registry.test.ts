import { setImmediate } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { createSources, findPlugin, findSourceIn, sourcePlugins } from '../../src/sources/registry.ts'
import { definePlugin } from '../../src/sources/source-plugin.ts'
import { vccPlugin } from '../../src/sources/vcc/index.ts'
import { json, startVendor } from '../support/vendor.ts'

const vcc = { system: 'vcc', account: 'acme', secret: 'secret-of-16-bytes', label: 'Calls' }
const otherVcc = { ...vcc, label: 'Other calls' }
const everyKey = { cache: {}, publicFields: ['title'], mirrors: [] }

describe('the systems', () => {
  it('are found by their names, of which each is unique', () => {
    expect(sourcePlugins.map(({ system }) => findPlugin(system))).toEqual(sourcePlugins)
    expect([findPlugin('unknown'), findPlugin('')]).toEqual([undefined, undefined])
  })

  it('are described as their plugin says', () => {
    expect(definePlugin(vccPlugin)).toBe(vccPlugin)
  })
})

describe('the info of a configured source', () => {
  const find = findSourceIn({ calls: { ...vcc, ...everyKey }, others: otherVcc })

  it('is found by its key, and is what the system says of its own part of the block', () => {
    expect(find('calls')).toMatchObject({ key: 'calls', system: 'vcc', label: 'Calls', mode: 'EVENT_FED' })
    expect(find('others')).toMatchObject({ key: 'others', label: 'Other calls' })
    expect([find('vcc'), find('')]).toEqual([null, null])
  })

  it('cannot be of a system that is not known', () => {
    expect(() => findSourceIn({ calls: { ...vcc, system: 'vvc' } })).toThrow('No plugin has the name "vvc".')
  })
})

type Deps = Parameters<typeof createSources>[1]
/** Builds sources, and keeps what goes to the log. */
async function build(blocks: Parameters<typeof createSources>[0]) {
  const logged: unknown[][] = []
  const logger = {
    ...noLogger,
    warn: (...entry: unknown[]) => void logged.push(['warn', ...entry]),
    error: (...entry: unknown[]) => void logged.push(['error', ...entry]),
  }
  const identity = { loginOf: () => null }
  const built = await createSources(blocks, {
    metrics: noMetrics,
    tickets: {},
    logger,
    clock: Date.now,
    identity,
  } as unknown as Deps)
  onTestFinished(async () => {
    for (const { source } of built) await source.close?.()
  })
  return { built, logged }
}

/** A source of Intercom whose account is answered by this body. */
async function buildIntercom(body: object, status = 200) {
  const vendor = await startVendor((_, res) => json(res, body, status))
  const config = { url: vendor.url, token: 'intercom-token-of-the-tests' }
  const block = { system: 'intercom', ...findPlugin('intercom')!.config.parse(config), mirrors: [] }
  return build({ desk: block })
}
const me = { type: 'admin', id: '991267999', name: 'The Gateway', has_inbox_seat: true }

describe('the configured sources', () => {
  it('are built in the order of the file', async () => {
    const { built, logged } = await build({ two: { ...vcc, ...everyKey }, one: otherVcc })
    expect(built.map(({ source: { info, tenant } }) => [info.key, info.label, tenant])).toEqual([
      ['two', 'Calls', 'acme'],
      ['one', 'Other calls', 'acme'],
    ])
    expect(logged).toEqual([])
  })

  it('cannot be built where a system is not known', async () => {
    await expect(build({ calls: { ...vcc, system: 'vvc' } })).rejects.toThrow('No plugin has the name "vvc".')
  })
})

describe('what limits the account of a source goes to the log', () => {
  it('as a warning with what to do', async () => {
    const { logged } = await buildIntercom({ ...me, has_inbox_seat: false })
    const found = 'The teammate whose token it uses has no inbox seat. Intercom may refuse replies as this teammate.'
    const action = 'Give the teammate an inbox seat, or make the app as another teammate.'
    await expect.poll(() => logged).toEqual([['warn', { source: 'desk', action }, found]])
  })

  it('as an error where the vendor refuses its credentials', async () => {
    const { logged } = await buildIntercom({ type: 'error.list', errors: [{ code: 'unauthorized' }] }, 401)
    await expect
      .poll(() => logged)
      .toEqual([
        [
          'error',
          { source: 'desk', code: 'UPSTREAM_AUTH_FAILED' },
          expect.stringMatching(/ Renew the credentials of this source\.$/),
        ],
      ])
  })

  it('and not that the vendor fails, which its health shows', async () => {
    const { built, logged } = await buildIntercom({ type: 'error.list', errors: [{ code: 'server_error' }] }, 404)
    await expect(built[0]!.source.checkAccount!()).rejects.toMatchObject({ source: 'desk' })
    await setImmediate()
    expect(logged).toEqual([])
  })
})

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Logger } from '../../../src/domain/telemetry.ts'
import type { CheckpointStore } from '../../../src/domain/transaction.ts'
import { openRoutingConfigStore, type RoutingConfigStore } from '../../../src/sources/rbi/routing-config-store.ts'
import { routingFile } from '../../../src/sources/rbi/routing-file.ts'
import { routingText } from '../../delivery/delivery-fixture.ts'

const partner = (key: string) => ({ key, url: 'https://host.example/hook', secret: 'partner-secret-of-the-tests', general: true })
const one = routingText([partner('one')])
const two = routingText([partner('one'), partner('two')])

let folder: string
let file: string
let routingConfig: RoutingConfigStore
let lines: string[]

const logger: Logger = {
  debug() {},
  info: (_, message) => void lines.push(`info ${message}`),
  warn: (_, message) => void lines.push(`warn ${message}`),
  error: (_, message) => void lines.push(`error ${message}`),
}
const open = (pollMs: number, checkpoints?: CheckpointStore) =>
  openRoutingConfigStore({ sourceKey: 'rbi', file, read: (text) => routingFile.parse(parse(text)), checkpoints, logger, pollMs })
const keys = () => routingConfig.current().markets[0]!.partners.map(({ key }) => key)
const changed = () => new Promise<void>((done) => routingConfig.onChange(done))

beforeEach(async () => {
  lines = []
  folder = await mkdtemp(join(tmpdir(), 'routing-'))
  file = join(folder, 'routing.yaml')
  await writeFile(file, one)
})
afterEach(async () => {
  routingConfig.close()
  await rm(folder, { recursive: true })
})

describe('the routing configuration', () => {
  it('uses a file that is written', async () => {
    routingConfig = await open(60_000)
    const change = changed()
    await writeFile(file, two)
    await change
    expect(keys()).toEqual(['one', 'two'])
  })

  it('uses a file that is replaced, as editors and Kubernetes do (RBI-08)', async () => {
    routingConfig = await open(60_000)
    const change = changed()
    await writeFile(join(folder, 'new'), two)
    await rename(join(folder, 'new'), file)
    await change
    expect(keys()).toEqual(['one', 'two'])
  })

  it('keeps the old routing after a broken edit, says so, and uses the repaired file', async () => {
    routingConfig = await open(60_000)
    await writeFile(file, '{ markets: [] }')
    await routingConfig.reload()
    expect(keys()).toEqual(['one'])
    expect(routingConfig.problem()).toContain('markets')
    expect(lines).toContain('error the routing file is broken: the old routing stays')

    await writeFile(file, two)
    await routingConfig.reload()
    expect(keys()).toEqual(['one', 'two'])
    expect(routingConfig.problem()).toBeNull()
  })

  it('keeps the old routing while the file is missing', async () => {
    routingConfig = await open(60_000)
    await rm(file)
    await routingConfig.reload()
    expect(keys()).toEqual(['one'])
    expect(routingConfig.problem()).not.toBeNull()
    await writeFile(file, one)
    await routingConfig.reload()
    expect(routingConfig.problem()).toBeNull()
  })

  it('logs a broken file once, not at every poll', async () => {
    routingConfig = await open(60_000)
    await writeFile(file, 'markets: [')
    await routingConfig.reload()
    await routingConfig.reload()
    expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(1)
  })

  it('DELIVERY-31: starts with the last valid file when the file is broken, says so, and uses the repaired file', async () => {
    const kept = new Map<string, unknown>()
    const checkpoints: CheckpointStore = {
      findCheckpoint: async (name) => structuredClone(kept.get(name)) ?? null,
      saveCheckpoint: async (name, body) => void kept.set(name, structuredClone(body)),
    }
    const openKept = () => open(60_000, checkpoints)
    routingConfig = await openKept()
    await writeFile(file, two)
    await routingConfig.reload()
    routingConfig.close()
    for (const breakFile of [() => writeFile(file, '{ markets: [] }'), () => rm(file)]) {
      await breakFile()
      routingConfig = await openKept()
      expect(keys()).toEqual(['one', 'two'])
      expect(routingConfig.problem()).not.toBeNull()
      expect(lines.at(-1)).toBe('error the routing file is broken: the last valid one is in use')
      // The poll says nothing new, and the broken file is not kept.
      await routingConfig.reload()
      expect(lines.at(-1)).toBe('error the routing file is broken: the last valid one is in use')
      routingConfig.close()
    }
    await writeFile(file, one)
    routingConfig = await openKept()
    expect([keys(), routingConfig.problem()]).toEqual([['one'], null])
    // A store that fails takes nothing away.
    checkpoints.saveCheckpoint = () => Promise.reject(new Error('the database is away'))
    await writeFile(file, two)
    await routingConfig.reload()
    expect([keys(), routingConfig.problem()]).toEqual([['one', 'two'], null])
  })

  it('cannot be opened on a file that is broken at the start', async () => {
    await writeFile(file, '{}')
    await expect(open(60_000)).rejects.toThrow('markets')
  })

  it('finds the only market without a name, and none of several', async () => {
    routingConfig = await open(60_000)
    expect(routingConfig.findMarket(null)?.key).toBe('plk-eu')
    expect(routingConfig.findMarket('elsewhere')).toBeNull()
    const file2 = JSON.parse(one)
    file2.markets.push({ ...file2.markets[0], key: 'plk-us' })
    await writeFile(file, JSON.stringify(file2))
    await routingConfig.reload()
    expect(routingConfig.findMarket(null)).toBeNull()
    expect(routingConfig.findMarket('plk-us')?.key).toBe('plk-us')
  })
})

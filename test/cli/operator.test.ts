import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type CommandOutput, reconcile, replayDeliveries, replayQuarantine } from '../../src/cli/operator/commands.ts'
import type { OperatorApi, ReconciledBatch } from '../../src/cli/operator/operator-api.ts'
import { encodeId } from '../../src/domain/ids.ts'
import type { BulkResult } from '../../src/domain/writes.ts'
import { deadLetter, delivery, ids, vcc } from '../support/graph/graph-fixture.ts'
import { createMemoryDeadLetters, createMemoryDeliveries } from '../support/graph/memory-services.ts'

/** An API over the services of the graph's tests, with 250 dead deliveries and 250 held events. */
function createApi(replayMany?: (limit: number) => BulkResult) {
  const numbers = Array.from({ length: 250 }, (_, n) => String(n))
  const { deliveries } = createMemoryDeliveries({
    [ids.routed]: numbers.map((n) => ({ ...delivery, id: encodeId('delivery', 'rbi', '', n) })),
  })
  const deadLetters = createMemoryDeadLetters(
    numbers.map((n) => ({ ...deadLetter, source: vcc, id: encodeId('deadLetter', 'vcc', '', n) })),
  )
  const limits: number[] = []
  const counted = <T>(limit: number, result: T): T => {
    limits.push(limit)
    return result
  }
  const api: OperatorApi = {
    listDeliveries: ({ partner, states }, page) => deliveries.list({ ...page, partner, states, sourceKeys: null }),
    replayDelivery: deliveries.replay,
    replayDeliveries: (partner, states, limit) =>
      counted(limit, deliveries.replayMany({ partner, states, sourceKeys: ['rbi'], limit })),
    enablePartner: deliveries.enablePartner,
    listDeadLetters: (source, page) => deadLetters.list({ ...page, sourceKeys: source === null ? null : [source] }),
    replayDeadLetter: deadLetters.replay,
    replayDeadLetters: async (source, limit) =>
      counted(limit, replayMany ? replayMany(limit) : await deadLetters.replayMany(source, limit)),
    discardDeadLetter: deadLetters.discard,
    reconcile: () => Promise.reject(new Error('not asked here')),
  }
  return { api, limits }
}

function createOutput(isTTY: boolean) {
  const text = { out: '', err: '' }
  const stream = (name: 'out' | 'err') =>
    new PassThrough().on('data', (chunk) => {
      text[name] += String(chunk)
    })
  const err = Object.assign(stream('err'), { isTTY, columns: 80, clearLine() {}, cursorTo() {}, moveCursor() {} })
  return { text, output: { out: stream('out'), err: err as unknown as NodeJS.WriteStream, json: false } satisfies CommandOutput }
}

describe('COMMAND-01 a replay by command', () => {
  it('goes on in requests of 100 until everything is done, and shows its progress on a terminal', async () => {
    const { api, limits } = createApi()
    const { output, text } = createOutput(true)
    expect(await replayDeliveries(api, { partner: 'careco', states: ['DEAD'] }, output)).toBe(0)
    expect(limits).toEqual([100, 100, 50])
    expect(text.out).toBe('250 done, 0 failed\n')
    expect(text.err).toContain('250 of 250')
    expect(await replayDeliveries(api, { partner: 'careco', states: ['DEAD'] }, output)).toBe(0)
  })

  it('shows no progress where it is not a terminal', async () => {
    const { output, text } = createOutput(false)
    expect(await replayQuarantine(createApi().api, 'vcc', output)).toBe(0)
    expect(text).toEqual({ out: '250 done, 0 failed\n', err: '' })
  })

  it('tries each record once when some fail again, and ends with 2', async () => {
    const { api, limits } = createApi((limit) => ({ subject: 'vcc', done: limit - 10, failed: 10, userErrors: [] }))
    const { output, text } = createOutput(false)
    expect(await replayQuarantine(api, 'vcc', output)).toBe(2)
    expect(limits).toEqual([100, 100, 50])
    expect(text.out).toBe('220 done, 30 failed\n')
  })

  it('stops at the first refusal, and ends with 1 when nothing was done', async () => {
    const userErrors = [{ code: 'STORAGE_UNAVAILABLE', message: 'The database does not answer.', field: null }] as const
    const { api, limits } = createApi(() => ({ subject: null, done: 0, failed: 0, userErrors }))
    const { output, text } = createOutput(false)
    expect(await replayQuarantine(api, 'vcc', output)).toBe(1)
    expect(limits).toEqual([100])
    expect(text.err).toBe('STORAGE_UNAVAILABLE: The database does not answer.\n')
  })
})

describe('RECONCILE-05 deskgraph reconcile', () => {
  const batch: ReconciledBatch = {
    ...{ checked: 100, changedIds: [], removedIds: [], failed: 0, total: 250, endCursor: null, userErrors: [] },
  }
  /** Answers with these batches in turn, and keeps what was asked. */
  function createBatches(batches: readonly Partial<ReconciledBatch>[]) {
    const asked: unknown[] = []
    const rest = batches.values()
    const api: OperatorApi = {
      ...createApi().api,
      reconcile: async (request) => {
        asked.push(request)
        return { ...batch, ...rest.next().value }
      },
    }
    return { api, asked }
  }
  const all = { dryRun: false, force: false }

  it('walks through all batches, shows its progress and names what it found', async () => {
    const { api, asked } = createBatches([
      { endCursor: 'a', removedIds: ['gone-1'] },
      { endCursor: 'b', changedIds: ['changed-1'] },
      { checked: 50 },
    ])
    const { output, text } = createOutput(true)
    expect(await reconcile(api, 'redmine', all, output)).toBe(0)
    expect(asked).toEqual(
      [null, 'a', 'b'].map((after) => ({ sourceKey: 'redmine', limit: 100, after, dryRun: false, force: false })),
    )
    expect(text.out).toBe('gone     gone-1\nchanged  changed-1\n250 compared, 1 changed, 1 gone, 0 could not be read\n')
    expect(text.err).toContain('250 of 250')
  })

  it('prints JSON, and ends with 2 when tickets could not be read', async () => {
    const { api } = createBatches([{ checked: 98, failed: 2, removedIds: ['gone-1'] }])
    const { output, text } = createOutput(false)
    expect(await reconcile(api, 'redmine', { ...all, dryRun: true }, { ...output, json: true })).toBe(2)
    expect(JSON.parse(text.out)).toEqual({
      ...{ checked: 98, changedIds: [], removedIds: ['gone-1'], failed: 2, userErrors: [], dryRun: true },
    })
    expect(text.err).toBe('')
  })

  it('stops at a refusal, says why, and ends with 1', async () => {
    const userErrors = [{ code: 'CONFLICT', message: '60 of 100 tickets were not found.', field: ['force'] }] as const
    const { api, asked } = createBatches([{ endCursor: 'a', removedIds: ['gone-1'], userErrors }])
    const { output, text } = createOutput(false)
    expect(await reconcile(api, 'redmine', all, output)).toBe(1)
    expect(asked).toHaveLength(1)
    expect(text.out).toBe('100 compared, 0 changed, 0 gone, 0 could not be read\n')
    expect(text.err).toBe('CONFLICT: 60 of 100 tickets were not found.\n')
  })
})

import { describe, expect, it } from 'vitest'
import { noLogger } from '../../src/domain/telemetry.ts'
import { applyRetention, retentionConfig, runPeriodically, toAgeMs } from '../../src/jobs/housekeeping.ts'

describe('retention', () => {
  const config = retentionConfig.parse({ inbox: '1h' })

  it('removes from every table what is older than its age, and goes on when one table fails', async () => {
    const clock = () => Date.parse('2026-03-31T12:00:00.000Z')
    const cutoffs: Record<string, string> = {}
    await applyRetention({
      jobs: undefined as never,
      config,
      clock,
      logger: noLogger,
      remove: async (table, before) => {
        if (table === 'quarantine') throw new Error('locked')
        cutoffs[table] = before
        return 1
      },
    })
    expect(cutoffs).toEqual({
      inbox: '2026-03-31T11:00:00.000Z',
      journal: '2025-12-31T12:00:00.000Z',
      hints: '2026-03-24T12:00:00.000Z',
      observed: '2025-12-31T12:00:00.000Z',
      idempotency: '2026-03-24T12:00:00.000Z',
      uploads: '2026-03-30T12:00:00.000Z',
      deliveries: '2025-12-31T12:00:00.000Z',
    })
  })

  it.each(['0d', '1w', '-3d', '1.5h', '30'])('refuses an age of %s', (age) => {
    expect(retentionConfig.safeParse({ inbox: age }).success).toBe(false)
  })

  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['6h', 21_600_000],
    ['30d', 2_592_000_000],
  ])('reads an age of %s as %d ms', (text, ms) => {
    expect(toAgeMs(text)).toBe(ms)
  })
})

describe('periodic tasks', () => {
  it('run at once, and one that fails does not stop the others', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = runPeriodically([() => Promise.reject(new Error('down')), async () => resolve()], 60_000, noLogger, 'failed')
    await promise
    stop()
  })
})

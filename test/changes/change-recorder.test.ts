import { describe, expect, it } from 'vitest'
import { createChangeRecorder } from '../../src/changes/change-log.ts'
import type { NewChange } from '../../src/domain/events.ts'
import type { Transaction } from '../../src/domain/transaction.ts'

describe('the recorder of our own writes', () => {
  it('locks the ticket before it records the change, in one transaction', async () => {
    const steps: unknown[] = []
    const tx = {
      lockTickets: async (keys: unknown) => void steps.push(['lock', keys]),
      record: async (changes: unknown) => void steps.push(['record', changes]),
    } as unknown as Transaction
    const change = { ticket: { source: { key: 'zendesk' }, tenant: 'acme', externalId: '35436' } } as NewChange
    await createChangeRecorder({
      async transaction(work) {
        steps.push('begin')
        const result = await work(tx)
        steps.push('commit')
        return result
      },
    }).record(change)
    expect(steps).toEqual([
      'begin',
      ['lock', [{ kind: 'ticket', sourceKey: 'zendesk', tenant: 'acme', externalId: '35436' }]],
      ['record', [change]],
      'commit',
    ])
  })
})

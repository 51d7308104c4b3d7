import { expect, it } from 'vitest'
import { rtConfig } from '../../../src/sources/rt/config.ts'
import { type RtTicket, toMergedTicket, toRtTicket } from '../../../src/sources/rt/decode.ts'
import { rtPlugin } from '../../../src/sources/rt/index.ts'
import { createMapping } from '../../../src/sources/rt/mapping.ts'
import { countingMetrics } from '../../support/call.ts'
import { translate } from '../../support/translate.ts'

it('RT-10 counts the words of RT that the model does not have, and no ticket that was merged', () => {
  const config = rtConfig.parse({ url: 'https://rt.example', token: '1-27-abc', dialect: { channelField: 'Channel' } })
  const origin = { source: rtPlugin.toInfo('rt', config), tenant: '', observedAt: '2026-04-01T00:00:00.000Z' }
  const countedOf = (wire: RtTicket | null) => {
    const metrics = countingMetrics()
    const { status, channel } = translate(createMapping(config), wire!, origin, { metrics })
    const counted = ['status', 'channel'].map((field) => metrics.total('unknown_values_total', { source: 'rt', field }))
    return [status, channel, ...counted, metrics.total('unknown_values_total')]
  }
  const channel = { id: '1', name: 'Channel', values: ['pigeon'] }
  expect(countedOf(toRtTicket({ id: 10, Status: 'waiting', CustomFields: [channel] }))).toEqual(['UNKNOWN', 'UNKNOWN', 1, 1, 2])
  expect(countedOf(toRtTicket({ id: 10, Status: 'open' }))).toEqual(['OPEN', null, 0, 0, 0])
  expect(countedOf(toMergedTicket('25', '21'))).toEqual(['UNKNOWN', null, 0, 0, 0])
})

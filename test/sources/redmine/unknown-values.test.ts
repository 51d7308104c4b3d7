import { expect, it } from 'vitest'
import { redmineConfig } from '../../../src/sources/redmine/config.ts'
import { toIssue } from '../../../src/sources/redmine/decode.ts'
import { redminePlugin } from '../../../src/sources/redmine/index.ts'
import { createMapping } from '../../../src/sources/redmine/mapping.ts'
import { countingMetrics } from '../../support/call.ts'
import { translate } from '../../support/translate.ts'

it('counts the priorities and channels that the model does not have, and no issue without a status', () => {
  const config = redmineConfig.parse({ url: 'https://redmine.example', token: 'ap1-key', dialect: { channelField: 'Channel' } })
  const origin = { source: redminePlugin.toInfo('redmine', config), tenant: '', observedAt: '2026-04-01T00:00:00.000Z' }
  const countedOf = (record: object) => {
    const metrics = countingMetrics()
    const { status, priority, channel } = translate(createMapping(config), toIssue({ id: 20, ...record })!, origin, { metrics })
    const counted = ['priority', 'channel'].map((field) => metrics.total('unknown_values_total', { source: 'redmine', field }))
    return [status, priority, channel, ...counted, metrics.total('unknown_values_total')]
  }
  const odd = { priority: { id: 9, name: 'Odd' }, custom_fields: [{ id: 1, name: 'Channel', value: 'pigeon' }] }
  expect(countedOf(odd)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN', 1, 1, 2])
  expect(countedOf({ status: { id: 9, name: 'Odd', is_closed: true } })).toEqual(['CLOSED', null, null, 0, 0, 0])
})

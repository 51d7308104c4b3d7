import { describe, expect, it } from 'vitest'
import { toVccEvent } from '../../../src/sources/vcc/decode.ts'
import { isKnownStatus, isKnownSubStatus, isOutcome, joinStatus } from '../../../src/sources/vcc/statuses.ts'
import { EventProblem } from '../../../src/sources/webhook-handler.ts'

const ticket = { ticketId: 21, projectId: '130', title: 'bug' }
const fieldsOf = (fields: object) => toVccEvent({ action: 'update', ticket: { ...ticket, ...fields } }).fields

describe('an event of VCC Live', () => {
  it.each(['add', 'update', 'delete'] as const)('has the action %s and the ticket as sent', (action) => {
    expect(toVccEvent({ action, ticket })).toEqual({ action, projectId: '130', ticketId: '21', fields: ticket })
  })

  it('VCC-03: has its sub-status under one key, in any casing', () => {
    for (const key of ['subStatus', 'substatus', 'SUBSTATUS'])
      expect(fieldsOf({ [key]: 'successful' })).toEqual({ ...ticket, subStatus: 'successful' })
    expect(fieldsOf({ substatus: 'a', subStatus: 'b', SubStatus: 'c' })).toEqual({ ...ticket, subStatus: 'b' })
    expect(fieldsOf({ substatus: null })).toEqual({ ...ticket, subStatus: null })
    expect(Object.keys(fieldsOf({}))).not.toContain('subStatus')
  })

  it.each<[unknown, string]>([
    [[], 'The body is not a JSON object.'],
    [{ ticket }, '`action` is none of add, update and delete.'],
    [{ action: 'ADD', ticket }, '`action` is none of add, update and delete.'],
    [{ action: 'add', ticket: [] }, '`ticket` is not an object.'],
    [{ action: 'add', ticket: { ticketId: 1 } }, '`ticket.projectId` is not a whole number.'],
    [{ action: 'add', ticket: { projectId: 1 } }, '`ticket.ticketId` is not a whole number.'],
    ...['x1', '1x', '-1', '1.5', ' 1', '1'.repeat(31)].map((ticketId): [unknown, string] => [
      { action: 'add', ticket: { projectId: 1, ticketId } },
      '`ticket.ticketId` is not a whole number.',
    ]),
  ])('is refused: %j', (body, problem) => {
    let thrown: unknown
    try {
      toVccEvent(body)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toEqual(new EventProblem(problem))
  })

  it('has ids of at most 30 digits', () => {
    const ticketId = '1'.repeat(30)
    expect(toVccEvent({ action: 'add', ticket: { projectId: 0, ticketId } })).toMatchObject({ projectId: '0', ticketId })
  })
})

describe('VCC-09: the words of a status', () => {
  it('are two statuses and four sub-statuses, of which two are outcomes', () => {
    const words = ['park', 'closed', 'waiting4agent', 'waiting4entity', 'successful', 'unsuccessful', 'melted', '']
    expect(words.filter(isKnownStatus)).toEqual(['park', 'closed'])
    expect(words.filter(isKnownSubStatus)).toEqual(['waiting4agent', 'waiting4entity', 'successful', 'unsuccessful'])
    expect([...words, null].filter(isOutcome)).toEqual(['successful', 'unsuccessful'])
    expect([isKnownSubStatus(null), isKnownSubStatus(7)]).toEqual([false, false])
  })

  it('are joined, where there are any', () => {
    expect([joinStatus('park', 'successful'), joinStatus('park', null), joinStatus(null, 'successful')]).toEqual([
      ...['park/successful', 'park', 'successful'],
    ])
    expect([joinStatus(null, null), joinStatus('', null)]).toEqual([null, null])
  })
})

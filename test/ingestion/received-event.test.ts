import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { describeProblem, toReceivedEvent } from '../../src/ingestion/received-event.ts'
import { JsonProblem } from '../../src/sources/parse-event-json.ts'
import { EventProblem } from '../../src/sources/webhook-handler.ts'
import { deskHandler, said } from './memory-events.ts'

const receivedAt = '2024-06-01T12:00:00.000Z'
const internal = 'The event could not be processed because of an internal fault. Replay it after the gateway is repaired.'
const received = (text: string, eventId: string | null = 'e-1') =>
  toReceivedEvent(deskHandler, { raw: Buffer.from(text), eventId }, receivedAt)

describe('a received event', () => {
  test('has the key of its ticket, its bytes, and their SHA-256 in hex', () => {
    const text = said('t-1')
    expect(received(text)).toEqual({
      kind: 'event',
      event: {
        sourceKey: 'desk',
        tenant: 'eu',
        externalId: 't-1',
        eventId: 'e-1',
        digest: createHash('sha256').update(text).digest('hex'),
        raw: Buffer.from(text),
        receivedAt,
      },
    })
  })

  test('that cannot be decoded is a dead letter with its bytes and the problem', () => {
    expect(received('{}', null)).toEqual({
      kind: 'deadLetter',
      deadLetter: { sourceKey: 'desk', eventId: null, raw: Buffer.from('{}'), problem: 'It has no id.', receivedAt },
    })
  })

  test.each(['', ' ', 'a/b', 'x'.repeat(257)])('with the ticket id %j is a dead letter that does not repeat it', (id) => {
    expect(received(said(id))).toMatchObject({
      kind: 'deadLetter',
      deadLetter: {
        problem:
          'The id of the ticket is blank, is longer than 256 characters, or has a character that an id cannot have: / \\ ? # %, a control character or an undecodable one.',
      },
    })
  })

  test('that meets a fault of the gateway is a dead letter without its details', () => {
    expect(received('no JSON: JSON.parse of the test throws')).toMatchObject({ deadLetter: { problem: internal } })
  })
})

test.each([
  ['of an event', new EventProblem('It has no id.'), 'It has no id.'],
  ['of JSON', new JsonProblem('It is not JSON.'), 'It is not JSON.'],
  ['of the gateway', new Error('canary'), internal],
  ['that is no error', 'canary', internal],
])('the text of a problem %s', (_, problem, text) => {
  expect(describeProblem(problem)).toBe(text)
})

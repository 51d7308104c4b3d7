import { describe, expect, it } from 'vitest'
import { rejected } from '../../../src/domain/writes.ts'
import { toRefusal, toWrite } from '../../../src/sources/jira/changes.ts'
import { toIssue } from '../../../src/sources/jira/decode.ts'
import type { Jira } from '../../../src/sources/jira/index.ts'
import { someCall } from '../../support/call.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const info = toSourceInfo('jira', { label: 'Jira' })
const ref = { kind: 'ticket' as const, sourceKey: 'jira', tenant: '', externalId: '10001' }
const answerOf = (status: number, body: unknown = {}) => ({ status, body, readable: true })
const refusal = (status: number, body?: unknown) => toRefusal({ info } as Jira, ref, answerOf(status, body))

describe('an answer of Jira to a change', () => {
  it('of success says nothing: the issue tells what was done (JIRA-09)', () => {
    expect([200, 204, 299].map((status) => refusal(status))).toEqual([null, null, null])
  })

  const invalid = (field: readonly string[] | null) => rejected('INVALID', 'Jira did not accept the input.', field)
  it.each([
    [{ errors: { summary: 'You must specify a summary.' } }, ['input', 'title']],
    [{ errors: { description: 'x' } }, ['input', 'description']],
    [{ errors: { priority: 'x' } }, ['input', 'priority']],
    [{ errors: { labels: 'x' } }, ['input', 'tags']],
    [{ errors: { resolution: 'x' } }, ['input', 'resolutionStatus']],
    [{ errors: { customfield_10040: 'x', summary: 'x' } }, ['input', 'customFields']],
    [{ errors: { duedate: 'x' } }, null],
    [{ errors: {} }, null],
    [{ errorMessages: ['x'] }, null],
    [{ errors: ['x'] }, null],
    ['text', null],
  ])('names the field that it refuses: %j', (body, field) => {
    expect(refusal(400, body)).toEqual(invalid(field))
  })

  it('says why it is refused', () => {
    expect(refusal(403)).toEqual(rejected('FORBIDDEN', 'Jira does not let you do this.'))
    expect(refusal(409)).toMatchObject({ userErrors: [{ code: 'CONFLICT' }] })
    expect(() => refusal(300)).toThrow('Jira refused the change (HTTP 300).')
  })
})

describe('a write to Jira', () => {
  it('is sent to its issue as a subject of the limits, and is remembered (JIRA-05)', async () => {
    const written: unknown[] = []
    const sent = { ended: 'answered', answer: answerOf(204) }
    const issue = toIssue({ id: '10001', fields: {} }, { fields: [], desks: [] })!
    const ticket = toTicket(info, '10001')
    const jira = {
      info,
      upstream: {
        async write(request: unknown) {
          written.push(request)
          return sent
        },
      },
      noteWritten: (id: string) => void written.push(id),
      origin: () => 'origin',
      toTicket: (...given: unknown[]) => (given[0] === issue && given[1] === 'origin' && given[2] === true ? ticket : null),
    } as unknown as Jira
    const prepare = () => rejected('INVALID', 'x')
    const write = toWrite(jira, ref, { operation: 'edit', method: 'PUT', path: '/rest/api/3/issue/10001' }, prepare, someCall())
    expect(write).toMatchObject({ ref, label: 'Jira', prepare })
    expect(await write.send({ fields: {} }, issue)).toBe(sent)
    expect(written).toEqual([
      { operation: 'edit', method: 'PUT', path: '/rest/api/3/issue/10001', body: { fields: {} }, subject: '10001' },
      '10001',
    ])
    expect(write.toTicket(issue)).toBe(ticket)
    expect([write.toRefusal(answerOf(204)), write.toRefusal(answerOf(403))]).toEqual([
      ...[null, rejected('FORBIDDEN', 'Jira does not let you do this.')],
    ])
  })
})

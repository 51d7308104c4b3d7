import { describe, expect, it } from 'vitest'
import { rejected, type UpdateTicket } from '../../../src/domain/writes.ts'
import { join, toFieldParts, toPart, toPriorityPart, toStatusPart, toTagsPart } from '../../../src/sources/rt/changes.ts'
import { rtConfig } from '../../../src/sources/rt/config.ts'
import { type RtTicket, toRtTicket } from '../../../src/sources/rt/decode.ts'
import type { Rt } from '../../../src/sources/rt/index.ts'
import { someCall } from '../../support/call.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'

// What is sent is written by RT's REST 2.0 (docs.bestpractical.com/rt/5.0.5/RT/REST2.html).

const rtOf = (dialect: object = {}) =>
  ({
    info: toSourceInfo('rt', { label: 'RT' }),
    config: rtConfig.parse({ url: 'https://rt.example', token: 'x', timeZone: 'Asia/Tokyo', dialect }),
    // A token that tells no user: the time zone is that of the configuration.
    tokenOf: () => 'x',
  }) as unknown as Rt
const rt = rtOf({ tagsField: 'Tags', customFieldTypes: { Day: 'DATE', 'Call at': 'DATETIME' } })
const ticketOf = (record: object = {}): RtTicket => toRtTicket({ id: 10, Status: 'new', ...record })!
const withField = (id: string, ...values: string[]) => ({
  CustomFields: [
    { id: '9', values: ['x'] },
    { id, name: 'Tags', values },
  ],
})

type Part = ReturnType<typeof toTagsPart>
/** What a part sends and which field asks for it, or its refusal. */
const sentBy = (part: Part | undefined) =>
  part && 'wishes' in part ? [part.body, part.wishes.map(({ field }) => field.join('.'))] : part
const isMet = (part: Part | undefined, record: object) =>
  part != null && 'wishes' in part && part.wishes.every((wish) => wish.isMet(ticketOf(record)))

describe('a priority of a change of RT', () => {
  it('is the lowest number of its range, and stays where it has the meaning', () => {
    const part = toPriorityPart(rt, ticketOf({ Priority: 10 }), 'MEDIUM')
    expect(sentBy(part)).toEqual([{ Priority: 50 }, ['input.priority']])
    expect([49, 50, 99, 100, null].map((Priority) => isMet(part, { Priority }))).toEqual([false, true, true, false, false])
    expect(sentBy(toPriorityPart(rt, ticketOf({ Priority: 70 }), 'MEDIUM'))).toEqual([{}, ['input.priority']])
    expect(sentBy(toPriorityPart(rt, null, 'HIGH'))).toEqual([{ Priority: 100 }, ['input.priority']])
  })

  it('that is LOW is 0, or below the next one', () => {
    const low = (priorities?: object) => sentBy(toPriorityPart(rtOf(priorities && { priorities }), null, 'LOW'))
    expect([low(), low({ MEDIUM: -10 }), low({ MEDIUM: 1 }), low({})]).toEqual([
      [{ Priority: 0 }, ['input.priority']],
      [{ Priority: -11 }, ['input.priority']],
      [{ Priority: 0 }, ['input.priority']],
      [{ Priority: 0 }, ['input.priority']],
    ])
  })

  it('is none that no number has', () => {
    for (const priority of ['URGENT', 'UNKNOWN'])
      expect(toPriorityPart(rt, null, priority)).toEqual(
        rejected('INVALID', `RT has no priority ${priority}.`, ['input', 'priority']),
      )
  })
})

describe('a status of a change of RT', () => {
  const steps = {
    _hyperlinks: [
      { ref: 'lifecycle', to: 'waiting' },
      { ref: 'lifecycle', to: 'stalled' },
    ],
  }
  const dialect = { statuses: { stalled: 'PENDING', waiting: 'PENDING', open: 'OPEN', resolved: 'RESOLVED' } }
  const partOf = (wanted: Parameters<typeof toStatusPart>[2], record: object = {}) =>
    toStatusPart(rtOf(dialect), ticketOf(record), wanted, 'status')

  it('is one that RT offers now before others, and the first wanted before the next', () => {
    expect(sentBy(partOf(['PENDING']))).toEqual([{ Status: 'stalled' }, ['input.status']])
    const offered = partOf(['PENDING'], steps)
    expect(sentBy(offered)).toEqual([{ Status: 'waiting' }, ['input.status']])
    expect([isMet(offered, { Status: 'waiting' }), isMet(offered, { Status: 'stalled' })]).toEqual([true, false])
    expect(sentBy(partOf(['CLOSED', 'RESOLVED', 'OPEN']))).toEqual([{ Status: 'resolved' }, ['input.status']])
    expect(partOf(['CLOSED'])).toEqual(rejected('INVALID', 'RT has no such status.', ['input', 'status']))
    expect(partOf([])).toMatchObject({ outcome: 'REJECTED' })
  })
})

describe('the tags of a change of RT', () => {
  const part = (input: UpdateTicket, record: object = withField('3', 'fire', 'vip'), of = rt) =>
    toTagsPart(of, ticketOf(record), input)

  it('RT-06: are all values of their field', () => {
    expect([part({}), part({ addTags: [], removeTags: [] }), part({ tags: null })]).toEqual([null, null, null])
    const added = part({ addTags: ['ink'], removeTags: ['fire'] })
    expect(sentBy(added)).toEqual([{ CustomFields: { 3: ['vip', 'ink'] } }, ['input.addTags']])
    expect(isMet(added, withField('3', 'ink', 'vip'))).toBe(true)
    for (const record of [withField('3', 'ink'), withField('4', 'ink', 'vip'), {}]) expect(isMet(added, record)).toBe(false)
    expect(sentBy(part({ removeTags: ['vip'] }))).toEqual([{ CustomFields: { 3: ['fire'] } }, ['input.removeTags']])
    const none = part({ tags: [] })
    expect(sentBy(none)).toEqual([{ CustomFields: { 3: [] } }, ['input.tags']])
    expect([isMet(none, {}), isMet(none, withField('3')), isMet(none, withField('3', 'a'))]).toEqual([true, true, false])
  })

  it('need their field', () => {
    const refused = (name: string) => rejected('NOT_SUPPORTED', 'RT has no field for tags here.', ['input', name])
    expect(part({ tags: ['a'] }, {})).toEqual(refused('tags'))
    expect(part({ addTags: ['a'] }, withField('3'), rtOf())).toEqual(refused('addTags'))
    expect(part({ removeTags: ['a'] }, { CustomFields: [{ id: '3' }] }, rtOf())).toEqual(refused('removeTags'))
  })
})

describe('a custom field of a change of RT', () => {
  const known = [
    { id: '3', name: 'Tags' },
    { id: '5', name: 'Day' },
    { id: '7', name: 'Call at' },
    { id: '8', name: null },
  ]
  const partsOf = (...drafts: readonly (readonly [key: string, value?: unknown])[]) =>
    toFieldParts(rt, known, drafts.map(([key, value]) => ({ key, value })) as never, someCall())
  const place = ['input', 'customFields', '0']

  it.each<[string, unknown, readonly string[], readonly string[]]>([
    ['3', 'a', ['a'], ['b']],
    ['3', ['b', '', null, 'a', 7], ['b', 'a', '7'], ['b', 'a']],
    ['3', null, [], ['a']],
    ['3', undefined, [], ['a']],
    ['8', false, ['false'], ['true']],
    ['5', '2026-01-31', ['2026-01-31'], ['2026-02-01']],
    ['5', '', [], ['2026-02-01']],
  ])('is sent as texts: %s %j', async (key, value, sent, unmet) => {
    const [part] = await partsOf([key, value])
    expect(sentBy(part)).toEqual([{ CustomFields: { [key]: sent } }, ['input.customFields.0']])
    expect([isMet(part, withField(key, ...sent)), isMet(part, withField(key, ...unmet))]).toEqual([true, false])
  })

  it('RT-16: is sent as a time in the zone of the account, and read in UTC', async () => {
    const [part] = await partsOf(['7', ['2026-01-31T23:30:00.999Z', '2026-02-01T01:00:00+01:00']])
    expect(sentBy(part)).toEqual([
      { CustomFields: { 7: ['2026-02-01 08:30:00', '2026-02-01 09:00:00'] } },
      ['input.customFields.0'],
    ])
    expect(isMet(part, withField('7', '2026-02-01T00:00:00Z', '2026-01-31T23:30:00Z'))).toBe(true)
    expect(isMet(part, withField('7', '2026-01-31T23:30:00Z'))).toBe(false)
  })

  it.each([
    ['5', '2026-02-30'],
    ['5', '2026-01-31T00:00:00Z'],
    ['5', ['2026-01-31', 'soon']],
    ['7', '2026-01-31'],
    ['7', 'soon'],
  ])('is no time that RT would make 1970 of: %s %j', async (key, value) => {
    expect(await partsOf([key, value])).toEqual([rejected('INVALID', 'This is not a time.', [...place, 'value'])])
  })

  it('is one that the queue has', async () => {
    expect(await partsOf(['3', 'a'], ['99', 'a'])).toMatchObject([
      { body: { CustomFields: { 3: ['a'] } } },
      rejected('INVALID', 'Tickets of this queue have no such field.', ['input', 'customFields', '1', 'key']),
    ])
    expect([await toFieldParts(rt, known, null, someCall()), await partsOf()]).toEqual([[], []])
  })

  it('is joined with the others', async () => {
    const title = toPart({ Subject: 'Ink' }, ({ subject }) => subject === 'Ink', 'title')
    expect(sentBy(join([title, null, ...(await partsOf(['3', 'a'], ['8', 'b']))]))).toEqual([
      { Subject: 'Ink', CustomFields: { 3: ['a'], 8: ['b'] } },
      ['input.title', 'input.customFields.0', 'input.customFields.1'],
    ])
    expect(sentBy(join([title]))).toStrictEqual([{ Subject: 'Ink' }, ['input.title']])
    expect([isMet(title, { Subject: 'Ink' }), isMet(title, {})]).toEqual([true, false])
  })
})

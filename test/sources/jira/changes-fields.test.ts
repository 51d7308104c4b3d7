import { describe, expect, it } from 'vitest'
import type { UpdateTicket, WriteResult } from '../../../src/domain/writes.ts'
import { rejected } from '../../../src/domain/writes.ts'
import { textToAdf } from '../../../src/sources/adf.ts'
import {
  changedSince,
  type IssuePart,
  isChangedSince,
  join,
  toDescriptionPart,
  toFieldParts,
  toPriorityPart,
  toTagsPart,
  toTitlePart,
} from '../../../src/sources/jira/changes.ts'
import { jiraConfig } from '../../../src/sources/jira/config.ts'
import { type JiraIssue, toField, toIssue } from '../../../src/sources/jira/decode.ts'
import type { Jira } from '../../../src/sources/jira/index.ts'
import { someCall } from '../../support/call.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'

// What is sent is written by "Edit issue" of the platform API (developer.atlassian.com).

const kinds = 'com.atlassian.jira.plugin.system.customfieldtypes'
const field = (id: string, type: string, more: object = {}) =>
  toField({ id, name: id, schema: { type, custom: `${kinds}:${id}`, ...more } })!
const fields = [
  ...[field('impact', 'option'), field('rooms', 'array', { items: 'option' }), field('words', 'array', { items: 'string' })],
  ...[
    field('people', 'array', { items: 'user' }),
    field('seats', 'number'),
    field('line', 'string'),
    field('textarea', 'string'),
  ],
  ...[field('day', 'date'), field('time', 'datetime'), field('owner', 'user'), field('odd', 'any')],
  toField({ id: 'summary', name: 'Summary', schema: { type: 'string' } })!,
]
const issueOf = (changes: object = {}): JiraIssue =>
  toIssue({ id: '10001', fields: { labels: ['fire', 'vip'], ...changes } }, { fields, desks: [] })!

/** What a part sends and which field asks for it, or its refusal. */
const sentBy = (part: IssuePart | undefined) =>
  part && 'wishes' in part ? [part.body, part.wishes.map(({ field: of }) => of.join('.'))] : part
const isMet = (part: IssuePart | undefined, changes: object) =>
  part != null && 'wishes' in part && part.wishes.every((wish) => wish.isMet(issueOf(changes)))

describe('a text of a change of Jira', () => {
  it('is the summary, or a document as description (JIRA-10)', () => {
    const [title, description] = [toTitlePart('Ink'), toDescriptionPart('a\nb')]
    expect(sentBy(title)).toEqual([{ fields: { summary: 'Ink' } }, ['input.title']])
    expect([isMet(title, { summary: 'Ink' }), isMet(title, { summary: 'Paper' })]).toEqual([true, false])
    const [paragraph, other] = ['a', 'b'].map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] }))
    const document = { type: 'doc', version: 1, content: [paragraph, other] }
    expect(sentBy(description)).toEqual([{ fields: { description: document } }, ['input.description']])
    expect([isMet(description, { description: document }), isMet(description, {})]).toEqual([true, false])
  })
})

describe('a priority of a change of Jira', () => {
  const { dialect } = jiraConfig.parse({ url: 'https://desk.example', token: 'x' })
  const asked: string[] = []
  const jira = {
    info: toSourceInfo('jira', { label: 'Jira' }),
    config: { dialect },
    tables: {
      async read(name: string) {
        asked.push(name)
        return [
          { id: '1', name: 'Highest' },
          { id: '4', name: 'Blocker' },
          { id: '3', name: 'Medium' },
        ]
      },
    },
  } as unknown as Jira
  const partOf = (wanted: 'URGENT' | 'MEDIUM' | 'LOW', priority?: object) =>
    toPriorityPart(jira, priority ? issueOf({ priority }) : null, wanted, someCall())

  it('is the first one of the site with its meaning', async () => {
    const part = await partOf('URGENT')
    expect(sentBy(part)).toEqual([{ fields: { priority: { id: '1' } } }, ['input.priority']])
    expect([{ id: '1' }, { id: '4' }, undefined].map((priority) => isMet(part, { priority }))).toEqual([true, false, false])
    expect(sentBy(await partOf('URGENT', { id: '3', name: 'Medium' }))).toEqual([
      { fields: { priority: { id: '1' } } },
      ['input.priority'],
    ])
    expect(await partOf('LOW')).toEqual(rejected('INVALID', 'Jira has no priority LOW.', ['input', 'priority']))
  })

  it('stays where it has the meaning, without a look at the others', async () => {
    asked.length = 0
    expect(sentBy(await partOf('URGENT', { id: '4', name: 'Blocker' }))).toMatchObject([
      { fields: { priority: { id: '4' } } },
      {},
    ])
    expect(asked).toEqual([])
  })
})

describe('the labels of a change of Jira', () => {
  const part = (input: UpdateTicket) => toTagsPart(input)

  it('are added and removed by name, so that two changes at once lose none', () => {
    expect([part({}), part({ addTags: [], removeTags: [] }), part({ tags: null })]).toEqual([null, null, null])
    const added = part({ addTags: ['ink', 'paper'], removeTags: ['fire'] })
    const labels = [{ add: 'ink' }, { add: 'paper' }, { remove: 'fire' }]
    expect(sentBy(added)).toEqual([{ update: { labels } }, ['input.addTags']])
    expect(isMet(added, { labels: ['ink', 'paper', 'other'] })).toBe(true)
    for (const wrong of [['ink'], ['ink', 'paper', 'fire'], []]) expect(isMet(added, { labels: wrong })).toBe(false)
    expect(sentBy(part({ removeTags: ['fire'] }))).toEqual([{ update: { labels: [{ remove: 'fire' }] } }, ['input.removeTags']])
    expect(isMet(part({ addTags: ['a'], removeTags: ['a'] }), { labels: [] })).toBe(true)
  })

  it('are replaced as a whole', () => {
    const whole = part({ tags: ['ink', 'ink'], addTags: ['paper'], removeTags: ['gone'] })
    expect(sentBy(whole)).toEqual([{ fields: { labels: ['ink', 'paper'] } }, ['input.tags']])
    expect(isMet(whole, { labels: ['paper', 'ink'] })).toBe(true)
    for (const labels of [['ink'], ['ink', 'paper', 'other']]) expect(isMet(whole, { labels })).toBe(false)
    expect(sentBy(part({ tags: [] }))).toEqual([{ fields: { labels: [] } }, ['input.tags']])
    expect([isMet(part({ tags: [] }), { labels: [] }), isMet(part({ tags: [] }), {})]).toEqual([true, false])
  })

  it('have no blanks', () => {
    const refused = (name: string) => rejected('INVALID', 'A label has no blanks.', ['input', name])
    expect([part({ tags: ['a b'] }), part({ addTags: ['a', 'b\tc'] })]).toEqual([refused('tags'), refused('addTags')])
    expect(part({ removeTags: ['a b'] })).not.toHaveProperty('outcome')
  })
})

describe('a custom field of a change of Jira', () => {
  const partOf = (key: string, value?: unknown, isRequest?: boolean) =>
    toFieldParts(fields, [{ key, value }] as never, isRequest)[0]
  const place = ['input', 'customFields', '0']

  it('is one that an administrator added', () => {
    expect([toFieldParts(fields, null), toFieldParts(fields, undefined)]).toEqual([[], []])
    for (const key of ['summary', 'unknown'])
      expect(partOf(key, 'a')).toEqual(rejected('INVALID', 'The site has no such field.', [...place, 'key']))
    expect(
      sentBy(
        toFieldParts(fields, [
          { key: 'line', value: 'a' },
          { key: 'seats', value: 7 },
        ] as never)[1],
      ),
    ).toEqual([...[{ fields: { seats: 7 } }, ['input.customFields.1']]])
  })

  it.each<[string, unknown, unknown, unknown, unknown]>([
    ['line', 'a', 'a', 'a', 'b'],
    ['line', null, null, undefined, 'a'],
    ['textarea', 'a\nb', textToAdf('a\nb'), textToAdf('a\nb'), textToAdf('a')],
    ['seats', 7, 7, 7, 8],
    ['seats', 0, 0, 0, null],
    ['day', '2026-01-31', '2026-01-31', '2026-01-31', '2026-02-01'],
    // Jira takes an offset without a colon.
    ['time', '2026-01-31T10:00:00+01:00', '2026-01-31T09:00:00.000+0000', '2026-01-31T10:00:00.000+0100', null],
    ['impact', '7', { id: '7' }, { id: '7', value: 'High' }, { id: '8', value: 'Low' }],
    ['rooms', ['7', '8'], [{ id: '7' }, { id: '8' }], [{ id: '8' }, { id: '7' }], [{ id: '7' }]],
    ['rooms', [], [], null, [{ id: '7' }]],
    ['words', ['a', 'b'], ['a', 'b'], ['b', 'a'], ['a']],
    ['owner', '5b10', { accountId: '5b10' }, { accountId: '5b10', displayName: 'Ann' }, { accountId: '5b11' }],
  ])('is sent by its type, and compared by what it means: %s %j', (key, value, sent, met, unmet) => {
    const part = partOf(key, value)
    expect(sentBy(part)).toEqual([{ fields: { [key]: sent } }, ['input.customFields.0']])
    expect([isMet(part, { [key]: met }), isMet(part, { [key]: unmet })]).toEqual([true, false])
  })

  const untaken: readonly [string, unknown][] = [
    ['line', 7],
    ['textarea', 7],
    ['seats', '7'],
    ['day', '2026-02-30'],
    ['day', 7],
    ['time', 'soon'],
    ['time', 7],
    ['impact', 7],
    ['rooms', '7'],
    ['rooms', ['7', 8]],
    ['words', [7]],
    ['owner', 7],
    ['odd', 'a'],
    ['people', ['5b10']],
  ]
  it.each(untaken)('does not take another value: %s %j', (key, value) => {
    expect(partOf(key, value)).toEqual(rejected('INVALID', 'The field does not take this value.', [...place, 'value']))
  })

  it('without a value is empty', () => {
    expect(sentBy(partOf('odd'))).toEqual([{ fields: { odd: null } }, ['input.customFields.0']])
  })

  it('JIRA-10: of a new request is wiki markup, of which only is known that it is there', () => {
    const part = partOf('textarea', '*a*', true)
    expect(sentBy(part)).toEqual([{ fields: { textarea: '*a*' } }, ['input.customFields.0']])
    expect([isMet(part, { textarea: textToAdf('a') }), isMet(part, { textarea: null }), isMet(part, {})]).toEqual([
      ...[true, false, false],
    ])
    expect(partOf('textarea', 7, true)).toMatchObject({ outcome: 'REJECTED' })
    expect(sentBy(partOf('line', 'a', true))).toEqual([{ fields: { line: 'a' } }, ['input.customFields.0']])
  })
})

describe('a change of Jira', () => {
  it('is its parts together, without what none of them has', () => {
    expect(sentBy(join([toTitlePart('Ink'), null, toTagsPart({ addTags: ['a'] })]))).toEqual([
      { fields: { summary: 'Ink' }, update: { labels: [{ add: 'a' }] } },
      ['input.title', 'input.addTags'],
    ])
    expect(sentBy(join([toTitlePart('Ink')]))).toStrictEqual([{ fields: { summary: 'Ink' } }, ['input.title']])
    expect(sentBy(join([toTagsPart({ addTags: ['a'] })]))).toStrictEqual([
      ...[{ update: { labels: [{ add: 'a' }] } }, ['input.addTags']],
    ])
  })

  it('may be of an issue that has changed since a time', () => {
    const updated = '2026-01-02T02:04:05.678Z'
    const one = issueOf({ updated })
    const times = ['2026-01-02T02:04:05.677Z', updated, '2026-01-02T02:04:05.679Z', null]
    expect(times.map((time) => isChangedSince(one, time))).toEqual([true, false, false, false])
    expect(isChangedSince(issueOf(), '2026-01-01T00:00:00.000Z')).toBe(false)
    const [error] = (changedSince as WriteResult).userErrors
    expect(error).toEqual({
      ...{ code: 'CONFLICT', message: 'The ticket was changed after this time.', field: ['input', 'ifUpdatedAt'] },
    })
  })
})

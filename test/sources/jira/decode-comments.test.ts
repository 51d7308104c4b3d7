import { describe, expect, it } from 'vitest'
import { toComment, toFile, toPlatformComment } from '../../../src/sources/jira/decode.ts'
import { ann, comment, deskPage } from './jira-fixture.ts'

const author = { id: ann.accountId, name: 'Ann Agent', email: null, accountType: null }

describe('a comment of the service desk API', () => {
  it('has a text in wiki markup and files', () => {
    const file = {
      ...{ filename: 'a.png', size: 3, mimeType: 'image/png' },
      _links: { jiraRest: 'https://desk.example/rest/api/2/attachment/7', content: 'https://desk.example/content/7' },
    }
    expect(toComment({ ...comment('12', '*hello*', true), attachments: deskPage([file, 'none']) })).toEqual({
      ...{ id: '12', author, created: '2026-01-02T03:04:05.123Z', isPublic: true, body: { wiki: '*hello*' } },
      files: [{ id: '7', url: 'https://desk.example/content/7', filename: 'a.png', size: 3, mimeType: 'image/png' }],
    })
  })

  it('is internal where the answer does not say that it is public', () => {
    const publicOf = (value: unknown) => toComment({ id: '12', public: value })?.isPublic
    expect([true, false, undefined, 'true', 1].map(publicOf)).toEqual([true, false, false, false, false])
  })

  it('needs only its id', () => {
    expect(toComment({ id: 12, author: 'Ann', created: 'now', attachments: [] })).toEqual({
      ...{ id: '12', author: null, created: null, isPublic: false, body: { wiki: '' }, files: [] },
    })
    expect([toComment(null), toComment({ body: 'text' }), toComment([])]).toEqual([null, null, null])
  })
})

describe('a comment of the platform API', () => {
  const body = { type: 'doc', version: 1, content: [] }

  it('JIRA-08, JIRA-10: has a document, and is internal where the answer does not say that it is public', () => {
    const wire = { id: '12', author: ann, created: '2026-01-02T03:04:05.678+0100', body, jsdPublic: true }
    expect(toPlatformComment(wire)).toEqual({
      ...{ id: '12', author: { ...author, accountType: 'atlassian' }, created: '2026-01-02T02:04:05.678Z', isPublic: true },
      ...{ body: { adf: body }, files: [] },
    })
    const publicOf = (jsdPublic: unknown) => toPlatformComment({ ...wire, jsdPublic })?.isPublic
    expect([false, undefined, 'true', 1].map(publicOf)).toEqual([false, false, false, false])
  })

  it('needs only its id, and is none where it is nested more than 200 levels deep', () => {
    expect(toPlatformComment({ id: 12 })).toMatchObject({ id: '12', author: null, created: null, body: { adf: undefined } })
    expect([toPlatformComment(null), toPlatformComment({ body }), toPlatformComment('12')]).toEqual([null, null, null])
    const nested = (levels: number) => JSON.parse(`${'{"content":'.repeat(levels)}1${'}'.repeat(levels)}`)
    expect(toPlatformComment({ id: '12', body: nested(199) })).not.toBeNull()
    expect(toPlatformComment({ id: '12', body: nested(200) })).toBeNull()
  })
})

describe('a file of Jira', () => {
  it('is told by its id, or by the address that the service desk API has for it', () => {
    const nothing = { filename: null, size: null, mimeType: null }
    expect(toFile({ id: 7 })).toEqual({ id: '7', url: null, ...nothing })
    const idOf = (links: object) => toFile({ _links: links })?.id
    expect(idOf({ jiraRest: 'https://desk.example/rest/api/2/attachment/17' })).toBe('17')
    expect(idOf({ content: 'https://desk.example/rest/api/3/attachment/content/18' })).toBe('18')
    expect(idOf({ content: 'https://desk.example/secure/attachment/19/a%20b.png' })).toBe('19')
    expect(idOf({ jiraRest: 'https://desk.example/attachment/20', content: 'https://desk.example/attachment/21' })).toBe('20')
  })

  it('is read from its own address before that of its links', () => {
    const _links = { content: 'https://desk.example/attachment/content/7' }
    expect(toFile({ id: '7', content: 'https://desk.example/7', _links })).toMatchObject({ url: 'https://desk.example/7' })
    expect(toFile({ id: '7', _links })).toMatchObject({ url: _links.content })
  })

  it('is none without an id', () => {
    const links = [{}, { content: 'https://desk.example/attachment/' }, { content: 'https://desk.example/7' }]
    expect(links.map((_links) => toFile({ _links }))).toEqual([null, null, null])
    expect([toFile(null), toFile({}), toFile({ id: 'x' }), toFile({ id: '../7' })]).toEqual([null, null, null, null])
  })
})

import { describe, expect, test } from 'vitest'
import { parametersFromUrl, parseBody, toParameters } from '../../src/http/graphql-request.ts'

const absent = { query: undefined, documentId: undefined, operationName: undefined, variables: undefined, extensions: undefined }
const badRequest = expect.objectContaining({ code: 'BAD_REQUEST' })

describe('TRANSPORT-02: the parameters of a request (GraphQL over HTTP, section 5)', () => {
  test('are read as they are', () => {
    const sent = { query: '{ a }', operationName: 'A', variables: { n: [1] }, extensions: { x: 1 }, documentId: 'abc' }
    expect(toParameters(sent)).toEqual(sent)
  })
  test('are absent when they are null, missing or an empty text', () => {
    expect(toParameters({})).toEqual(absent)
    expect(toParameters({ query: '', operationName: '', documentId: '', variables: null, extensions: null })).toEqual(absent)
    expect(toParameters({ query: null, operationName: null, documentId: null })).toEqual(absent)
  })
  test.each([
    { query: 7 },
    { query: { kind: 'Document' } },
    { query: ['{ a }'] },
    { documentId: 7 },
    { operationName: 7 },
    { operationName: false },
    { operationName: ['A'] },
    { variables: '{"n":1}' },
    { variables: [] },
    { variables: 0 },
    { variables: false },
    { extensions: '{}' },
    { extensions: [] },
    { extensions: true },
  ])('are refused when one has the wrong type: %j', (part) => {
    expect(() => toParameters({ query: '{ a }', ...part })).toThrowError(badRequest)
  })
  test.each([null, undefined, 7, 'text', [[]]])('are refused when they are no object: %j', (sent) => {
    expect(() => toParameters(sent)).toThrowError(badRequest)
  })
})

describe('TRANSPORT-02, TRANSPORT-09: the parameters in a URL', () => {
  test.each([
    ['?query={a}', { query: '{a}' }],
    ['?query=%7Ba%7D&variables=%7B%22n%22%3A1%7D&operationName=A', { query: '{a}', variables: { n: 1 }, operationName: 'A' }],
    ['?query={a(t:"1+1%2B1")}', { query: '{a(t:"1 1+1")}' }],
    ['?query={a(t:"%C3%A9")}', { query: '{a(t:"é")}' }],
    ['?documentId=abc&extensions={"x":{"y":1}}', { documentId: 'abc', extensions: { x: { y: 1 } } }],
    // Forms send every field, also an empty one.
    ['?query={a}&operationName=&variables=&extensions=&documentId=', { query: '{a}' }],
    ['?query={a}&variables=null&extensions=null', { query: '{a}' }],
    ['?query={a}&other=1&other=2&&=', { query: '{a}' }],
    // A client that appends "?query=…" to an address with a query of its own, as urql does, or to one that ends with "?".
    ['?env=1?query={a}&operationName=A', { query: '{a}', operationName: 'A' }],
    ['??query={a}', { query: '{a}' }],
    ['?operationName=A?query={a}', { query: '{a}', operationName: 'A' }],
    // "?" is a character of a value like any other (RFC 3986 §3.4).
    ['?query={a(t:"?operationName=B")}&operationName=A', { query: '{a(t:"?operationName=B")}', operationName: 'A' }],
    ['?query={a}&variables={"url":"/x?query=1"}', { query: '{a}', variables: { url: '/x?query=1' } }],
    ['', {}],
    ['?', {}],
  ])('are read: %s', (search, expected) => {
    expect(parametersFromUrl(`/graphql${search}`)).toEqual({ ...absent, ...expected })
  })
  test.each([
    ['variables that are not JSON', '?query={a}&variables={n:1}'],
    ['variables that are no object', '?query={a}&variables=[1]'],
    ['variables that are JSON in JSON', '?query={a}&variables="{}"'],
    ['extensions that are no object', '?query={a}&extensions=1'],
    ['the same parameter twice', '?query={a}&query={b}'],
    // Latin-1, where UTF-8 would be %C3%A9.
    ['bytes that are not UTF-8', '?query={a(t:"%E9")}'],
    ['half an escape', '?query={a(t:"100%")}'],
  ])('are refused: %s', (_what, search) => {
    expect(() => parametersFromUrl(`/graphql${search}`)).toThrowError(badRequest)
  })
})

describe('DECISION-42: the bytes of a body', () => {
  const bom = [0xef, 0xbb, 0xbf]
  const text = (value: string) => [...Buffer.from(value)]
  test.each([
    ['JSON in UTF-8', text('{"t":"é"}'), { t: 'é' }],
    // RFC 8259 §8.1: a parser may ignore a byte order mark.
    ['JSON behind a byte order mark', [...bom, ...text('{"t":1}')], { t: 1 }],
    // U+FEFF is a character inside a text.
    ['a byte order mark inside a text', text('{"t":"\ufeff"}'), { t: '\ufeff' }],
    ['U+FFFD that the client sent', text('{"t":"\ufffd"}'), { t: '\ufffd' }],
  ])('are read: %s', (_what, bytes, expected) => {
    expect(parseBody(Uint8Array.from(bytes))).toEqual(expected)
  })
  test.each([
    ['é in Latin-1', [...text('{"t":"'), 0xe9, ...text('"}')]],
    ['a character cut off', [...text('{"t":"'), 0xc3, ...text('"}')]],
    ['a character in too many bytes', [...text('{"t":"'), 0xc0, 0xaf, ...text('"}')]],
    ['half of a surrogate pair as three bytes', [...text('{"t":"'), 0xed, 0xa0, 0xbd, ...text('"}')]],
    ['UTF-16', [0xff, 0xfe, ...Buffer.from('{"t":1}', 'utf16le')]],
    ['two byte order marks', [...bom, ...bom, ...text('{}')]],
    ['nothing', []],
    ['half of JSON', text('{"t":')],
  ])('are refused: %s', (_what, bytes) => {
    expect(() => parseBody(Uint8Array.from(bytes))).toThrowError(badRequest)
  })
})

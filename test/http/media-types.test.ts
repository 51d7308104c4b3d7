import { describe, expect, test } from 'vitest'
import { checkBodyType, readAccept } from '../../src/http/media-types.ts'

const json = 'application/json; charset=utf-8'
const graphqlResponse = 'application/graphql-response+json; charset=utf-8'
/** What urql 5 (@urql/core 6) sends with its queries and mutations. */
const urql = 'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed'
const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'

describe('DECISION-41: Accept, read as RFC 9110 §12.5.1 defines it', () => {
  test.each([
    // No header and "*/*" leave the choice to the server (§12.5.1).
    [undefined, json],
    ['*/*', json],
    ['application/json', json],
    ['APPLICATION/JSON', json],
    ['application/graphql-response+json', graphqlResponse],
    // Of two equal preferences, the one that the client names first.
    ['application/graphql-response+json, application/json', graphqlResponse],
    ['application/json, application/graphql-response+json', json],
    [urql, graphqlResponse],
    // Apollo Client 4.
    ['application/graphql-response+json,application/json;q=0.9', graphqlResponse],
    // q decides, and the most specific range has it: application/json 1 by "application/*", the other 0.5.
    ['application/graphql-response+json;q=0.5, application/*', json],
    ['application/json;q=0.2, application/graphql-response+json;q=0.3', graphqlResponse],
    // q=0 excludes.
    ['application/graphql-response+json;q=0, */*', json],
    ['application/json;q=0, */*;q=0.1', graphqlResponse],
    // The charset is a parameter of our type.
    ['application/json; charset=utf-8', json],
    ['application/graphql-response+json;charset=UTF-8, application/json;charset=UTF-8;q=0.9', graphqlResponse],
    // A client that accepts none of ours is answered all the same (§12.5.1 allows it): with plain JSON.
    ['image/png', json],
    ['application/json;q=0', json],
    ['', json],
    ['no media type', json],
  ])('%j is answered with %s', (accept, expected) => {
    expect(readAccept(accept).json).toBe(expected)
  })

  test.each([
    [undefined, 'none'],
    ['*/*', 'none'],
    ['text/*, application/json', 'none'],
    ['application/json', 'none'],
    [browser, 'none'],
    // q=0 excludes, also beside a range that would include.
    ['application/json, text/event-stream;q=0', 'none'],
    ['text/*, text/event-stream;q=0', 'none'],
    // The client accepts JSON too: only what JSON cannot carry is a stream.
    [urql, 'subscriptions'],
    ['text/event-stream, application/json', 'subscriptions'],
    ['text/event-stream, */*;q=0.1', 'subscriptions'],
    ['text/event-stream;q=0.1, application/graphql-response+json', 'subscriptions'],
    ['application/json; charset=utf-8, text/event-stream', 'subscriptions'],
    // The client accepts nothing else.
    ['text/event-stream', 'all'],
    ['Text/Event-Stream', 'all'],
    ['text/event-stream; charset=utf-8', 'all'],
    ['text/event-stream, multipart/mixed', 'all'],
    ['text/event-stream, application/json;q=0, application/graphql-response+json;q=0', 'all'],
  ])('%j means event streams for: %s', (accept, expected) => {
    expect(readAccept(accept).eventStreamFor).toBe(expected)
  })

  test.each([
    [browser, true],
    ['text/html', true],
    ['text/html;q=0.9, application/json;q=0.8', true],
    ['application/json, text/html;q=0.9', false],
    ['text/html;q=0, */*', false],
    ['text/event-stream', false],
    ['*/*', false],
    [undefined, false],
  ])('%j is the page load of a browser: %s', (accept, expected) => {
    expect(readAccept(accept).prefersHtml).toBe(expected)
  })
})

describe('TRANSPORT-06: the type of a body', () => {
  const accepts = (headers: Record<string, string>) => {
    try {
      checkBodyType(headers, /^application\/(?:json|[^/]+\+json)$/, 'JSON')
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' })
      return false
    }
  }
  test.each([
    ['application/json', true],
    // Type, subtype, names of parameters and this charset have no case (RFC 9110 §8.3.1, §8.3.2).
    ['Application/JSON; Charset=UTF-8', true],
    // A quoted value is the same value (§5.6.6).
    ['application/json; charset="utf-8"', true],
    ['application/json;charset=utf8', true],
    // An empty parameter (§5.6.6 lets recipients read it), and parameters that say nothing about how to read the bytes.
    ['application/json;', true],
    ['application/json ; ; charset=utf-8', true],
    ['application/json; version=2; profile="a;b"', true],
    ['application/json; profile="charset=latin1"', true],
    ['application/vnd.api+json; ext=x', true],
    ['application/json; charset=latin1', false],
    ['application/json; x=y; charset="iso-8859-1"', false],
    ['application/json; charset=utf-16', false],
    ['text/plain', false],
    ['text/plain; a=application/json', false],
    ['application/xml', false],
    ['application/jsonx', false],
    ['application/json, text/plain', false],
    ['json', false],
    ['', false],
  ])('%s is accepted: %s', (type, expected) => {
    expect(accepts({ 'content-type': type })).toBe(expected)
  })
  test.each([
    // Names of codings have no case (§8.4.1).
    ['identity', true],
    ['Identity', true],
    ['', true],
    ['gzip', false],
    ['br', false],
    ['identity, gzip', false],
  ])('with the content coding "%s" is accepted: %s', (encoding, expected) => {
    expect(accepts({ 'content-type': 'application/json', 'content-encoding': encoding })).toBe(expected)
  })
  test('is required', () => {
    expect(accepts({})).toBe(false)
  })
})

import { describe, expect, test } from 'vitest'
import {
  encodeUrlPart,
  resolveFiles,
  resolveLinks,
  resolveMessages,
  resolveUrl,
  toEmailAddress,
  toHttpUrl,
} from '../../src/domain/formats.ts'

describe('a URL', () => {
  test('has any text as a part, with U+FFFD for half of a surrogate pair', () => {
    expect(['a/b c', '\ud800', '\u{1f600}'].map(encodeUrlPart)).toEqual(['a%2Fb%20c', '%EF%BF%BD', '%F0%9F%98%80'])
  })

  test.each([
    ['https://example.com/a?b=c#d', 'https://example.com/a?b=c#d'],
    ['http://example.com', 'http://example.com/'],
    ['HTTPS://EXAMPLE.com/A', 'https://example.com/A'],
    ['https://example.com/my file.pdf', 'https://example.com/my%20file.pdf'],
    ['  https://example.com/a\n', 'https://example.com/a'],
    ['https://bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
    ['https://[2001:db8::1]:8443/', 'https://[2001:db8::1]:8443/'],
  ])('is %s', (text, url) => {
    expect(toHttpUrl(text)).toBe(url)
    expect(toHttpUrl(text, 'http://a/b/c/d;p?q')).toBe(url)
  })

  // RFC 3986, section 5.4, with this base.
  test.each([
    ['g', 'http://a/b/c/g'],
    ['./g', 'http://a/b/c/g'],
    ['g/', 'http://a/b/c/g/'],
    ['/g', 'http://a/g'],
    ['//g', 'http://g/'],
    ['?y', 'http://a/b/c/d;p?y'],
    ['g?y#s', 'http://a/b/c/g?y#s'],
    [';x', 'http://a/b/c/;x'],
    ['..', 'http://a/b/'],
    ['../g', 'http://a/b/g'],
    ['../../../g', 'http://a/g'],
    ['/files/my file.pdf', 'http://a/files/my%20file.pdf'],
  ])('is %s, resolved against the base', (text, url) => {
    expect(toHttpUrl(text, 'http://a/b/c/d;p?q')).toBe(url)
    expect(toHttpUrl(text)).toBeNull()
  })

  test.each([
    ...[
      'javascript:alert(1)',
      ' javascript:alert(1)',
      'java\nscript:alert(1)',
      'JAVASCRIPT:alert(1)',
      'data:text/html,x',
      'vbscript:x',
    ],
    ...['ftp://example.com/a', 'file:///etc/passwd', 'mailto:a@example.com', 'tel:+1', 'blob:https://example.com/1', 'C:\\a.png'],
    ...['http://', 'https://:80', 'https://exa mple.com', 'http://a:99999/', 'see the attachment', '', ' '],
  ])('is not %j', (text) => {
    expect(toHttpUrl(text)).toBeNull()
    expect(toHttpUrl(text, 'https://example.com/base')).toBeNull()
  })
})

describe('an e-mail address, by the rule of HTML,', () => {
  test.each([
    ...[
      'ann@example.com',
      'a.b+c@x.example',
      "o'hara@example.com",
      'root@localhost',
      'a@1.2',
      'Ann@EXAMPLE.com',
      '.a..b.@example.com',
    ],
    ...[`${'a'.repeat(64)}@${'b'.repeat(63)}.example`, 'a!#$%&*+/=?^_`{|}~-@x'],
  ])('is %s', (text) => {
    expect(toEmailAddress(text)).toBe(text)
    expect(toEmailAddress(` ${text}\r\n`)).toBe(text)
  })

  test.each([
    ...[
      'not an email',
      'ann',
      '@example.com',
      'ann@',
      'a@b@c',
      'a b@example.com',
      'Ann <ann@example.com>',
      'mailto:ann@example.com',
    ],
    ...[
      'a@-x.example',
      'a@x-.example',
      'a@x..example',
      'a@x.example.',
      `a@${'b'.repeat(64)}.example`,
      `${'a'.repeat(250)}@x.example`,
    ],
    ...[
      'a@x.example, b@x.example',
      '"a b"@example.com',
      'jörg@example.com',
      'a@exämple.com',
      'a@x_y.example',
      '',
      'a\n@x.example',
    ],
  ])('is not %j', (text) => {
    expect(toEmailAddress(text)).toBeNull()
  })
})

const base = 'https://desk.example/api'
const file = (url: string | null) => ({ filename: 'f', url }) as never

test('the URLs of a ticket, its links, attachments and messages are resolved', () => {
  expect([resolveUrl('/t/1', base), resolveUrl(null, base)]).toEqual(['https://desk.example/t/1', null])
  expect(resolveLinks([{ url: 'javascript:alert(1)' }, { url: null }, { url: 't/2' }] as never, base)).toEqual([
    { url: null },
    { url: null },
    { url: 'https://desk.example/t/2' },
  ])
  expect(resolveFiles([file('files/1.png'), file(null)], base)).toEqual([
    { filename: 'f', url: 'https://desk.example/files/1.png' },
    { filename: 'f', url: null },
  ])
  const messages = [
    { id: 'm', attachments: [file('//cdn.example/2.png')] },
    { id: 'n', attachments: null },
  ]
  expect(resolveMessages(messages as never, base)).toEqual([
    { id: 'm', attachments: [{ filename: 'f', url: 'https://cdn.example/2.png' }] },
    { id: 'n', attachments: null },
  ])
})

test('lists without a URL stay the same object', () => {
  const links = [{ url: null }] as never
  expect(resolveLinks(links, base)).toBe(links)
  expect(resolveLinks(null, base)).toBeNull()
  const files: never[] = []
  expect(resolveFiles(files, base)).toBe(files)
  expect(resolveFiles(null, base)).toBeNull()
  const messages = [
    { id: 'm', attachments: [] },
    { id: 'n', attachments: null },
  ] as never
  expect(resolveMessages(messages, base)).toBe(messages)
  expect(resolveMessages(null, base)).toBeNull()
})

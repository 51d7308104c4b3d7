import { Kind } from 'graphql'
import { describe, expect, it } from 'vitest'
import { DateTime, EmailAddress, UrlText } from '../../../src/graphql/schema/scalars.ts'

describe('the input DateTime', () => {
  it('is a time with any offset, which becomes UTC with milliseconds', () => {
    const inputs = [
      '2024-02-15T14:46:46Z',
      '2024-02-15T15:46:46.0009+01:00',
      '2024-02-15t09:16:46-05:30',
      '2024-02-15 14:46:46+00',
    ]
    for (const input of inputs) expect(DateTime.parseValue(input)).toBe('2024-02-15T14:46:46.000Z')
    expect(DateTime.parseLiteral({ kind: Kind.STRING, value: '1990-12-31T23:59:60Z' })).toBe('1991-01-01T00:00:00.000Z')
  })

  it('is no time without an offset, no day or offset that does not exist, and nothing but a text', () => {
    const inputs = [
      '2024-02-15T14:46:46',
      '2024-02-30T10:00:00Z',
      '2024-04-31T10:00:00Z',
      '2024-02-15T10:00:00+25:00',
      '2024-02-15',
      '',
    ]
    for (const input of [...inputs, 1_708_008_406, null, new Date(0)]) {
      expect(() => DateTime.parseValue(input)).toThrow('This is not a valid DateTime.')
    }
    expect(() => DateTime.parseLiteral({ kind: Kind.INT, value: '1708008406' })).toThrow('This is not a valid DateTime.')
  })
})

describe('the inputs EmailAddress and URL', () => {
  it('are an address, and a URL with https or http', () => {
    expect(EmailAddress.parseValue(' ann@example.com')).toBe('ann@example.com')
    expect(UrlText.parseValue('https://example.com/a?b#c')).toBe('https://example.com/a?b#c')
  })

  it('are nothing else, and the message does not repeat the text', () => {
    for (const text of ['not an email', 'Ann <ann@example.com>', '', 7, null]) {
      expect(() => EmailAddress.parseValue(text)).toThrow(/^This is not a valid EmailAddress\.$/)
    }
    for (const text of ['javascript:alert(1)', 'ftp://example.com/a', '/files/1.png', 'example.com', '', 7, null]) {
      expect(() => UrlText.parseValue(text)).toThrow(/^This is not a valid URL\.$/)
    }
  })
})

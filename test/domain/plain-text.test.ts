import { describe, expect, it } from 'vitest'
import { toPlainText } from '../../src/domain/plain-text.ts'

const ofHtml = (html: string) => toPlainText(html, 'HTML')

describe('the plain text of a message', () => {
  it.each(['TEXT', 'MARKDOWN', 'OTHER'] as const)('in %s is its body', (format) => {
    expect(toPlainText('a <b> & *c*', format)).toBe('a <b> & *c*')
  })

  it.each([
    ['<p>Hello <b>Ann</b>,</p>\n<p>see  below.</p>', 'Hello Ann,\n\nsee below.'],
    ['one<br>two<br/>three', 'one\ntwo\nthree'],
    ['<ul><li>first</li><li>second</li></ul>', 'first\n\nsecond'],
    ['a &amp; b &lt;c&gt; &#233; &#xE9; &nbsp;d &unknown; &#0;', 'a & b <c> é é d &unknown; &#0;'],
    ['5 < 7 and 8 > 3', '5 < 7 and 8 > 3'],
    ['<!-- secret --><style>p { color: red }</style><script>alert("x")</script>visible', 'visible'],
    ['<SCRIPT>x</SCRIPT ><P>Shown</P>', 'Shown'],
    ['<!doctype html><html><head><title>t</title></head><body>body</body></html>', 'body'],
    ['cut <a href="https://example.com', 'cut'],
    ['<script>never closed', ''],
    ['', ''],
  ])('in HTML has no markup: %j', (html, text) => {
    expect(ofHtml(html)).toBe(text)
  })

  it('of hostile HTML is found in one pass: a megabyte of what makes backtracking slow', () => {
    for (const part of ['<', '<!--', '<script>', '<a', '</', '&#', '\n ', '<script></scrip']) {
      const html = part.repeat(1_000_000 / part.length)
      expect(typeof ofHtml(html)).toBe('string')
    }
  })
})

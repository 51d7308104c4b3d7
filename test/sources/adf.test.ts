import { describe, expect, it } from 'vitest'
import { adfToHtml, adfToText, textToAdf } from '../../src/sources/adf.ts'

const doc = (...content: unknown[]) => ({ type: 'doc', version: 1, content })
const text = (value: string, ...marks: unknown[]) => ({ type: 'text', text: value, ...(marks.length > 0 && { marks }) })
const node = (type: string, content: unknown[], attrs?: object) => ({ type, content, ...(attrs && { attrs }) })
const p = (...content: unknown[]) => node('paragraph', content)
const link = (href: string) => ({ type: 'link', attrs: { href } })

describe('JIRA-10: a document of Atlassian', () => {
  const document = doc(
    node('heading', [text('Printer')], { level: 2 }),
    p(
      text('It '),
      text('really', { type: 'strong' }, { type: 'em' }),
      text(' fails.'),
      { type: 'hardBreak' },
      text('See '),
      text('here', link('https://example.com/a?b=1&c=2')),
    ),
    node('bulletList', [
      node('listItem', [p(text('paper')), node('bulletList', [node('listItem', [p(text('A4'))])])]),
      node('listItem', [p(text('ink'))]),
    ]),
    node('orderedList', [node('listItem', [p(text('open'))]), node('listItem', [p(text('close'))])], { order: 3 }),
    node('codeBlock', [text('lpr -P "x" <file>')], { language: 'sh' }),
    { type: 'rule' },
    node('blockquote', [p(text('first')), p(text('second'))]),
    node('table', [node('tableRow', [node('tableHeader', [p(text('Day'))]), node('tableCell', [p(text('Monday'))])])]),
    node('taskList', [node('taskItem', [text('done')], { state: 'DONE' }), node('taskItem', [text('open')], { state: 'TODO' })]),
    p(
      { type: 'mention', attrs: { id: '5b10', text: '@Mia' } },
      text(' '),
      { type: 'emoji', attrs: { shortName: ':smile:', text: '😀' } },
      text(' '),
      { type: 'status', attrs: { text: 'IN REVIEW' } },
      text(' '),
      { type: 'date', attrs: { timestamp: '1732876800000' } },
    ),
    node('expand', [p(text('more'))], { title: 'Details' }),
    node('mediaSingle', [{ type: 'media', attrs: { type: 'file', id: 'x', alt: 'photo.png' } }]),
    p({ type: 'inlineCard', attrs: { url: 'https://example.com/card' } }),
  )

  it('is plain text, with each block and item on a line of its own', () => {
    expect(adfToText(document)?.split('\n')).toEqual([
      'Printer',
      'It really fails.',
      'See here (https://example.com/a?b=1&c=2)',
      '- paper',
      '  - A4',
      '- ink',
      '3. open',
      '4. close',
      'lpr -P "x" <file>',
      '---',
      '> first',
      '> second',
      'Day | Monday',
      '[x] done',
      '[ ] open',
      '@Mia 😀 IN REVIEW 2024-11-29',
      'Details',
      'more',
      'photo.png',
      'https://example.com/card',
    ])
  })

  it('is HTML in which every text is escaped', () => {
    expect(adfToHtml(document)).toBe(
      [
        '<h2>Printer</h2>',
        '<p>It <em><strong>really</strong></em> fails.<br>See <a href="https://example.com/a?b=1&amp;c=2" rel="noopener noreferrer">here</a></p>',
        '<ul><li><p>paper</p><ul><li><p>A4</p></li></ul></li><li><p>ink</p></li></ul>',
        '<ol start="3"><li><p>open</p></li><li><p>close</p></li></ol>',
        '<pre><code>lpr -P &quot;x&quot; &lt;file&gt;</code></pre>',
        '<hr>',
        '<blockquote><p>first</p><p>second</p></blockquote>',
        '<table><tr><th><p>Day</p></th><td><p>Monday</p></td></tr></table>',
        '<ul><li>☑ done</li><li>☐ open</li></ul>',
        '<p>@Mia 😀 IN REVIEW 2024-11-29</p>',
        '<div><p>Details</p><p>more</p></div>',
        '<div><div>photo.png</div></div>',
        '<p><a href="https://example.com/card" rel="noopener noreferrer">https://example.com/card</a></p>',
      ].join(''),
    )
  })

  it('can carry no script: not as text, attribute, address, type, mark or title', () => {
    const hostile = '"><script>alert(1)</script>'
    const result = adfToHtml(
      doc(
        p(
          text(hostile),
          text('link', link(`javascript:alert(1)`)),
          text('quote', link(`https://example.com/${hostile}`)),
          text('mark', { type: hostile }),
        ),
        node(hostile, [text(hostile)], { title: hostile }),
        node('heading', [text('x')], { level: hostile }),
        p({ type: 'mention', attrs: { text: hostile } }, { type: 'inlineCard', attrs: { url: 'data:text/html,<script>' } }),
        node('constructor', [text('x')]),
      ),
    )!
    expect(result).not.toMatch(/<script|javascript:|href="data/)
    expect(result.match(/<(?!\/?(?:p|a|div|h1)[ >])/g)).toBeNull()
  })

  it('keeps the text of nodes that are not known, and is cut where it is nested too deep', () => {
    expect(adfToText(doc(node('novelty', [p(text('kept'))]), { type: 'inlineNovelty', text: 'too' }))).toBe('kept\ntoo')
    let nested: object = p(text('deep'))
    for (let depth = 0; depth < 5000; depth++) nested = node('blockquote', [nested])
    expect(adfToText(doc(p(text('top')), nested))).toMatch(/^top/)
    expect(adfToHtml(doc(p(text('top')), nested))).toContain('<p>top</p>')
  })

  it('is nothing where it is none', () => {
    for (const value of [null, undefined, 'text', 3, [], {}, { type: 'paragraph' }])
      expect([adfToText(value), adfToHtml(value)]).toEqual([null, null])
    expect(adfToText(doc(p()))).toBeNull()
    expect(adfToText(doc({ type: 'text' }, 'x', null, node('paragraph', [{}, 7])))).toBeNull()
  })

  it('is written from text so that it reads as the same text', () => {
    const written = 'First\nSecond <b>\n\n  indented\n'
    expect(textToAdf('a\r\n\nb')).toEqual(doc(p(text('a')), node('paragraph', []), p(text('b'))))
    expect(adfToText(textToAdf(written))).toBe(written.trimEnd())
  })
})

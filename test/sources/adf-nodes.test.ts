import { describe, expect, it } from 'vitest'
import { adfToHtml, adfToText, textToAdf } from '../../src/sources/adf.ts'

// Nodes and marks as "Atlassian Document Format" (developer.atlassian.com) describes them.

const doc = (...content: unknown[]) => ({ type: 'doc', version: 1, content })
const text = (value: string, ...marks: unknown[]) => ({ type: 'text', text: value, ...(marks.length > 0 && { marks }) })
const node = (type: string, content: unknown[], attrs?: object) => ({ type, content, ...(attrs && { attrs }) })
const p = (...content: unknown[]) => node('paragraph', content)
const inline = (type: string, attrs?: object) => ({ type, ...(attrs && { attrs }) })
const link = (href: string) => ({ type: 'link', attrs: { href } })
/** The document with these blocks, as text and as HTML. */
const render = (...content: unknown[]) => [adfToText(doc(...content)), adfToHtml(doc(...content))]

describe('a node inside a line', () => {
  it.each<[string, object, string | null]>([
    ['a mention without a name', inline('mention', { id: '5b10' }), '@'],
    ['an emoji without a character', inline('emoji', { shortName: ':smile:' }), ':smile:'],
    ['an emoji without anything', inline('emoji'), null],
    ['a date', inline('date', { timestamp: '1732876800000' }), '2024-11-29'],
    ['a date that is none', inline('date', { timestamp: 'soon' }), null],
    ['a date behind all dates', inline('date', { timestamp: '9e15' }), null],
    ['a status without a text', inline('status'), null],
    ['a placeholder', inline('placeholder', { text: 'Type here' }), 'Type here'],
    ['a file without a name', inline('mediaInline'), null],
    ['a file with a name', inline('mediaInline', { alt: 'a.png' }), 'a.png'],
    ['a card without an address', inline('inlineCard'), null],
  ])('is text: %s', (_name, one, expected) => {
    expect(render(p(one))).toEqual([expected, `<p>${expected ?? ''}</p>`])
  })

  it('has its marks in HTML: deleted, underlined, code, subscript and superscript', () => {
    const sub = { type: 'subsup', attrs: { type: 'sub' } }
    const sup = { type: 'subsup', attrs: { type: 'sup' } }
    const marks = ['strike', 'underline', 'code'].map((type) => ({ type }))
    expect(render(p(text('a', ...marks), text('b', sub), text('c', sup), text('d', { type: 'subsup' })))).toEqual([
      'abcd',
      '<p><code><u><s>a</s></u></code><sub>b</sub><sup>c</sup><sup>d</sup></p>',
    ])
  })

  it('has no mark that HTML has no element for', () => {
    const marks = [{ type: 'textColor', attrs: { color: '#f00' } }, { type: 'constructor' }, { type: 7 }, {}, 'strong']
    expect(render(p(text('a', ...marks)))).toEqual(['a', '<p>a</p>'])
  })
})

describe('a link', () => {
  const anchor = (href: string, content: string) => `<p><a href="${href}" rel="noopener noreferrer">${content}</a></p>`

  it('has its address behind the text, where that does not say it', () => {
    const href = 'https://desk.example/a'
    expect(render(p(text('here', { type: 'strong' }, link(href))))[0]).toBe(`here (${href})`)
    expect(render(p(text(href, link(href))))).toEqual([href, anchor(href, href)])
    expect(render(p(text('ann@desk.example', link('mailto:ann@desk.example'))))).toEqual([
      'ann@desk.example',
      anchor('mailto:ann@desk.example', 'ann@desk.example'),
    ])
  })

  it('leads to http, https and mailto alone', () => {
    expect(adfToHtml(doc(p(text('a', link('http://desk.example/')))))).toBe(anchor('http://desk.example/', 'a'))
    for (const href of ['shttp://desk.example/', 'ftp://desk.example/', '/a', 'desk.example', ''])
      expect(adfToHtml(doc(p(text('a', link(href)))))).toBe('<p>a</p>')
    expect(render(p(text('a', { type: 'link' })))).toEqual(['a', '<p>a</p>'])
  })

  it('is also a card that is a block', () => {
    const href = 'https://desk.example/card'
    const content = `<a href="${href}" rel="noopener noreferrer">${href}</a>`
    for (const type of ['blockCard', 'embedCard'])
      expect(render(inline(type, { url: href }))).toEqual([href, `<div>${content}</div>`])
  })
})

describe('a block', () => {
  it('is on a line of its own, also beside text that has no paragraph', () => {
    expect(render(text('a'), text('b'), p(text('c')), text('d'))).toEqual(['ab\nc\nd', 'ab<p>c</p>d'])
    expect(render({ type: 'paragraph' }, p(text('a')))).toEqual(['\na', '<p></p><p>a</p>'])
    expect(render(node('multimedia', [p(text('kept'))]))).toEqual(['kept', '<div><p>kept</p></div>'])
  })

  it('in a list has its other lines below the first one', () => {
    const item = (...content: unknown[]) => node('listItem', content)
    expect(render(node('orderedList', [item(p(text('a  b')), p(text('c'))), item(p(text('d')))]))).toEqual([
      '1. a  b\n   c\n2. d',
      '<ol start="1"><li><p>a  b</p><p>c</p></li><li><p>d</p></li></ol>',
    ])
    expect(adfToText(doc(node('orderedList', [p(text('a - b'))])))).toBe('1. a - b')
    expect(render(node('decisionList', [node('decisionItem', [text('Buy')])]))).toEqual(['- Buy', '<ul><li>Buy</li></ul>'])
  })

  it('in a quotation has the mark on each line', () => {
    expect(adfToText(doc(node('blockquote', [p(text('a  b')), p(text('c'))])))).toBe('> a  b\n> c')
  })

  it('in a cell of a table is in the line of its row', () => {
    const [one, two] = [
      [p(text('a')), p(text('b'))],
      [p(text('c')), p(text('d'))],
    ]
    const row = node('tableRow', [node('tableHeader', one), node('tableCell', two)])
    expect(adfToText(doc(node('table', [row, row])))).toBe('a b | c d\na b | c d')
  })

  it('has its title before it, which only one that expands has as text', () => {
    for (const type of ['expand', 'nestedExpand'])
      expect(render(node(type, [p(text('a'))], { title: 'More' }))).toEqual(['More\na', '<div><p>More</p><p>a</p></div>'])
    expect(adfToText(doc(node('panel', [p(text('a'))], { title: 'More' })))).toBe('a')
    expect(adfToText(doc(node('expand', [p(text('a'))])))).toBe('a')
  })

  it('is a heading of the levels 1 to 6', () => {
    const level = (value: unknown) => adfToHtml(doc(node('heading', [text('a')], { level: value })))
    expect([0, 1, 6, 7, 2.9, '3', undefined].map(level)).toEqual(
      [1, 1, 6, 6, 2, 3, 1].map((number) => `<h${number}>a</h${number}>`),
    )
  })

  it('is shown down to 60 levels, and cut below', () => {
    const nested = (quotes: number) => {
      let block: object = p(text('deep'))
      for (let depth = 0; depth < quotes; depth++) block = node('blockquote', [block])
      return adfToHtml(doc(block))
    }
    // The paragraph is the level behind its quotations.
    const quoted = (quotes: number, content: string) =>
      `${'<blockquote>'.repeat(quotes)}${content}${'</blockquote>'.repeat(quotes)}`
    expect(nested(59)).toBe(quoted(59, '<p>deep</p>'))
    expect(nested(60)).toBe(quoted(60, '<p></p>'))
    expect(nested(62)).toBe(quoted(61, ''))
  })
})

describe('the text of a document', () => {
  it('has no blanks at the ends of its lines, and no empty lines at its end', () => {
    expect(adfToText(doc(p(text(' a \t ')), p(text('b  ')), p(), p()))).toBe(' a\nb')
  })

  it('becomes a paragraph for each line, whichever ends it has', () => {
    expect(textToAdf('a\rb\r\nc\n\nd')).toEqual(
      doc(...['a', 'b', 'c'].map((line) => p(text(line))), node('paragraph', []), p(text('d'))),
    )
  })
})

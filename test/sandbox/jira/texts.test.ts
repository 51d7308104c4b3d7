import { describe, expect, it } from 'vitest'
import { isAdf, toHtml, toParagraphs, toWiki } from '../../../sandbox/jira/adf.ts'
import { fromWiki } from '../../../sandbox/jira/wiki.ts'

const text = (value: string, ...types: string[]) => ({
  type: 'text',
  text: value,
  ...(types.length > 0 && { marks: types.map((type) => ({ type })) }),
})
const doc = (...content: unknown[]) => ({ type: 'doc', version: 1, content })
const paragraph = (...content: unknown[]) => ({ type: 'paragraph', content })

describe('wiki markup and documents of Jira in the sandbox', () => {
  it('turns marks, links and code into nodes, and back', () => {
    const wiki = 'It was *delivered* at 19:42, see [the map|https://shop.example/track] and {{E-1042}}.'
    const document = doc(
      paragraph(
        text('It was '),
        text('delivered', 'strong'),
        text(' at 19:42, see '),
        { type: 'text', text: 'the map', marks: [{ type: 'link', attrs: { href: 'https://shop.example/track' } }] },
        text(' and '),
        text('E-1042', 'code'),
        text('.'),
      ),
    )
    expect(fromWiki(wiki)).toEqual(document)
    expect(toWiki(fromWiki(wiki))).toBe(wiki)
  })

  it('turns line ends into hard breaks and empty lines into paragraphs', () => {
    const document = doc(paragraph(text('Hello,'), { type: 'hardBreak' }, text('again')), paragraph(text('Bye')))
    expect(fromWiki('Hello,\nagain\n\nBye')).toEqual(document)
    expect(toParagraphs('Hello,\nagain\n\nBye')).toEqual(document)
    expect(toWiki(fromWiki('Hello,\nagain\n\nBye'))).toBe('Hello,\nagain\n\nBye')
  })

  it('keeps lists in lists, headings, quotes and code', () => {
    const wiki = 'h3. Steps\n\n# Open\n## the app\n# Tap\n\n{quote}\nIt closes.\n{quote}\n\n{code:json}\n{"a": *1*}\n{code}'
    const { content } = fromWiki(wiki)
    expect(content.map(({ type }) => type)).toEqual(['heading', 'orderedList', 'blockquote', 'codeBlock'])
    expect(content[1]?.content?.[0]?.content?.map(({ type }) => type)).toEqual(['paragraph', 'orderedList'])
    expect(content[3]).toEqual({ type: 'codeBlock', attrs: { language: 'json' }, content: [text('{"a": *1*}')] })
    expect(toWiki(fromWiki(wiki))).toBe(wiki)
  })

  it('leaves stars, dashes and underscores inside words alone', () => {
    const wiki = 'pick-up - later - of ORD-1-2 by a_b_c@example.com, 3*4*5'
    expect(fromWiki(wiki)).toEqual(doc(paragraph(text(wiki))))
  })

  it('prints HTML with the text escaped', () => {
    expect(toHtml(fromWiki('a < b & *c*'))).toBe('<p>a &lt; b &amp; <strong>c</strong></p>')
  })

  it('accepts documents of version 1 whose content are blocks', () => {
    expect(isAdf(doc(paragraph(text('x'))))).toBe(true)
    expect(isAdf(doc(text('x')))).toBe(false)
    expect(isAdf('x')).toBe(false)
    expect(isAdf({ type: 'doc', content: [] })).toBe(false)
    expect(isAdf({ type: 'doc', version: 1 })).toBe(false)
    expect(isAdf(doc(paragraph(text(''))))).toBe(false)
    expect(isAdf(doc({ type: 'paragraph', content: null }))).toBe(false)
    expect(isAdf(doc({ type: 'bulletList', content: [{ type: 'listItem', content: [paragraph(null)] }] }))).toBe(false)
  })
})

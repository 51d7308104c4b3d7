import { type JsonRecord, toList, toNumber, toRecord, toText } from './decode.ts'

// Atlassian Document Format: how Jira's platform API and Confluence send texts. Pure. The structure is Atlassian's ("Atlassian document format",
// developer.atlassian.com); a node that is not known keeps its text.

/** A document that is nested deeper is cut there. */
const maxDepth = 60

/** What one node becomes: `inline` joins what is inside a line, `block` stands on lines of its own. */
interface Format {
  text(text: string, marks: readonly JsonRecord[]): string
  lineBreak: string
  rule: string
  /** `type` is the node's own word. */
  block(type: string, content: string, attrs: JsonRecord): string
  /** An item of a numbered list, which is a block already. */
  number(item: string, number: number): string
  joinBlocks(blocks: readonly string[]): string
}

/** The document as plain text; null: the value is no document, or has no text. Blocks and items of lists are on lines of their own. */
export function adfToText(value: unknown): string | null {
  const text = render(value, plain)
  // Without the look-behinds a run of blanks is read anew from each of them: 50 kB of blanks take 14 seconds.
  return text === null ? null : toText(text.replace(/(?<![ \t])[ \t]+$/gm, '').replace(/(?<!\n)\n+$/, ''))
}

/**
 * The document as an HTML fragment; null: the value is no document. Every text and attribute is escaped, and only links to http, https and mailto
 * are links. It has no script, style or image.
 */
export function adfToHtml(value: unknown): string | null {
  return render(value, html)
}

/** Plain text as a document: each line is a paragraph, so that `adfToText` gives the same text. */
export function textToAdf(text: string): JsonRecord {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  const content = lines.map((line) => ({ type: 'paragraph', content: line === '' ? [] : [{ type: 'text', text: line }] }))
  return { type: 'doc', version: 1, content }
}

function render(value: unknown, format: Format): string | null {
  const record = toRecord(value)
  return record?.type === 'doc' ? format.joinBlocks(toBlocks(record, format, 0)) : null
}

const inlineTypes = new Set('text hardBreak mention emoji date status inlineCard placeholder mediaInline'.split(' '))

/** The children of a node: neighbours inside a line are one block. */
function toBlocks(node: JsonRecord, format: Format, depth: number): readonly string[] {
  if (depth > maxDepth) return []
  const blocks: string[] = []
  let line: string | null = null
  for (const child of toList(node.content, toRecord) ?? []) {
    if (inlineTypes.has(toText(child.type) ?? '') || typeof child.text === 'string') {
      line = (line ?? '') + toInline(child, format)
      continue
    }
    if (line !== null) blocks.push(line)
    line = null
    blocks.push(toBlock(child, format, depth))
  }
  return line === null ? blocks : [...blocks, line]
}

function toBlock(node: JsonRecord, format: Format, depth: number): string {
  const attrs = toRecord(node.attrs) ?? {}
  const type = toText(node.type) ?? ''
  if (type === 'rule') return format.rule
  if (/^(?:media|blockCard|embedCard)$/.test(type)) return format.block(type, toInline(node, format), attrs)
  const numbered = type === 'orderedList' ? (toNumber(attrs.order) ?? 1) : null
  const children = toBlocks(node, format, depth + 1)
  const items = numbered === null ? children : children.map((item, index) => format.number(item, numbered + index))
  return format.block(type, format.joinBlocks(items), attrs)
}

/** What stands inside a line. */
function toInline(node: JsonRecord, format: Format): string {
  const attrs = toRecord(node.attrs) ?? {}
  const marks = toList(node.marks, toRecord) ?? []
  const link = (text: string, href: unknown) => format.text(text, [...marks, { type: 'link', attrs: { href } }])
  switch (node.type) {
    case 'hardBreak':
      return format.lineBreak
    case 'mention':
      return format.text(toText(attrs.text) ?? '@', marks)
    case 'emoji':
      return format.text(toText(attrs.text) ?? toText(attrs.shortName) ?? '', marks)
    case 'date':
      return format.text(toDay(attrs.timestamp), marks)
    case 'inlineCard':
    case 'blockCard':
    case 'embedCard':
      return link(toText(attrs.url) ?? '', attrs.url)
    case 'media':
    case 'mediaInline':
      return format.text(toText(attrs.alt) ?? '', marks)
    case 'status':
    case 'placeholder':
      return format.text(toText(attrs.text) ?? '', marks)
    default:
      return format.text(typeof node.text === 'string' ? node.text : '', marks)
  }
}

/** Milliseconds since 1970, as text. */
function toDay(timestamp: unknown): string {
  const at = new Date(toNumber(timestamp) ?? Number.NaN)
  return Number.isNaN(at.getTime()) ? '' : at.toISOString().slice(0, 10)
}

const joinLines = (blocks: readonly string[]) => blocks.join('\n')
const indent = (text: string, mark: string) => mark + text.replaceAll('\n', `\n${' '.repeat(mark.length)}`)

const plain: Format = {
  text: (text, marks) => {
    const href = toText(toRecord(marks.find(({ type }) => type === 'link')?.attrs)?.href)
    return href === null || href === text || href === `mailto:${text}` ? text : `${text} (${href})`
  },
  lineBreak: '\n',
  rule: '---',
  joinBlocks: joinLines,
  number: (item, number) => indent(item.replace(/^- /, '').replace(/^ {2}/gm, ''), `${number}. `),
  block(type, content, attrs) {
    if (type === 'listItem') return indent(content, '- ')
    if (type === 'taskItem') return indent(content, attrs.state === 'DONE' ? '[x] ' : '[ ] ')
    if (type === 'decisionItem') return indent(content, '- ')
    if (type === 'blockquote') return indent(content, '> ').replace(/^ {2}/gm, '> ')
    if (type === 'tableRow') return content.replaceAll('\n', ' | ')
    if (type === 'tableCell' || type === 'tableHeader') return content.replaceAll('\n', ' ')
    const title = type === 'expand' || type === 'nestedExpand' ? toText(attrs.title) : null
    return title === null ? content : joinLines([title, content])
  },
}

const marksInHtml: Readonly<Record<string, string>> = { strong: 'strong', em: 'em', code: 'code', strike: 's', underline: 'u' }
const blocksInHtml: Readonly<Record<string, string>> = {
  ...{ paragraph: 'p', bulletList: 'ul', listItem: 'li', blockquote: 'blockquote', panel: 'blockquote' },
  ...{ table: 'table', tableRow: 'tr', tableHeader: 'th', tableCell: 'td', taskList: 'ul', decisionList: 'ul' },
  ...{ taskItem: 'li', decisionItem: 'li' },
}

const html: Format = {
  text: (text, marks) => marks.reduce(addMark, escapeHtml(text)),
  lineBreak: '<br>',
  rule: '<hr>',
  joinBlocks: (blocks) => blocks.join(''),
  number: (item) => item,
  block(type, content, attrs) {
    if (type === 'heading') {
      const level = Math.min(6, Math.max(1, Math.trunc(toNumber(attrs.level) ?? 1)))
      return `<h${level}>${content}</h${level}>`
    }
    if (type === 'orderedList') return `<ol start="${Math.trunc(toNumber(attrs.order) ?? 1)}">${content}</ol>`
    if (type === 'codeBlock') return `<pre><code>${content}</code></pre>`
    const mark = type === 'taskItem' ? (attrs.state === 'DONE' ? '☑ ' : '☐ ') : ''
    const title = toText(attrs.title)
    const tag = Object.hasOwn(blocksInHtml, type) ? blocksInHtml[type]! : 'div'
    return `<${tag}>${mark}${title === null ? '' : `<p>${escapeHtml(title)}</p>`}${content}</${tag}>`
  },
}

function addMark(content: string, { type, attrs }: JsonRecord): string {
  if (type === 'link') {
    const href = toText(toRecord(attrs)?.href)
    return href !== null && isLink(href) ? `<a href="${escapeHtml(href)}" rel="noopener noreferrer">${content}</a>` : content
  }
  if (type === 'subsup') return toRecord(attrs)?.type === 'sub' ? `<sub>${content}</sub>` : `<sup>${content}</sup>`
  const tag = typeof type === 'string' && Object.hasOwn(marksInHtml, type) ? marksInHtml[type] : undefined
  return tag === undefined ? content : `<${tag}>${content}</${tag}>`
}

/** An address without a scheme would lead to the page that shows it. */
function isLink(href: string): boolean {
  return URL.canParse(href) && /^(?:https?|mailto):$/.test(new URL(href).protocol)
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character]!)
}

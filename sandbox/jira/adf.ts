// The Atlassian Document Format, in which the platform API carries texts, and its two other forms.

/** A mark of a text: `strong`, `em`, `code`, `strike`, `underline` or `link` with `attrs.href`. */
export interface AdfMark {
  readonly type: string
  readonly attrs?: Readonly<Record<string, unknown>>
}

export interface AdfNode {
  readonly type: string
  readonly text?: string
  readonly marks?: readonly AdfMark[]
  readonly attrs?: Readonly<Record<string, unknown>>
  readonly content?: readonly AdfNode[]
}

export interface AdfDocument {
  readonly type: 'doc'
  readonly version: 1
  readonly content: readonly AdfNode[]
}

const blockTypes = new Set([
  ...['paragraph', 'heading', 'bulletList', 'orderedList', 'codeBlock', 'blockquote', 'rule', 'panel', 'mediaSingle'],
  ...['mediaGroup', 'table', 'expand', 'taskList', 'decisionList'],
])

/** True for a document that Jira accepts: a version-1 `doc` whose content are blocks, made of nodes with a type all the way down. */
export function isAdf(value: unknown): value is AdfDocument {
  if (!isNode(value)) return false
  const { type, content = [] } = value
  const { version } = value as Partial<AdfDocument>
  return type === 'doc' && version === 1 && Array.isArray(value.content) && content.every((node) => blockTypes.has(node.type))
}

function isNode(value: unknown): value is AdfNode {
  if (typeof value !== 'object' || value === null) return false
  const { type, text, marks = [], content = [] } = value as Readonly<Record<string, unknown>>
  const hasText = type === 'text' ? typeof text === 'string' && text !== '' : text === undefined
  const hasMarks = Array.isArray(marks) && marks.every((mark) => typeof mark === 'object' && mark !== null)
  return typeof type === 'string' && hasText && hasMarks && Array.isArray(content) && content.every(isNode)
}

/** A document of plain paragraphs, one for each block of the text; single line ends become hard breaks. */
export function toParagraphs(text: string): AdfDocument {
  const content = text.split(/\n{2,}/).map((block) => ({ type: 'paragraph', content: withBreaks(block) }))
  return { type: 'doc', version: 1, content }
}

function withBreaks(block: string): AdfNode[] {
  return block
    .split('\n')
    .flatMap((line, index) => [
      ...(index > 0 ? [{ type: 'hardBreak' }] : []),
      ...(line === '' ? [] : [{ type: 'text', text: line }]),
    ])
}

const wikiMarks: Readonly<Record<string, readonly [string, string]>> = {
  strong: ['*', '*'],
  em: ['_', '_'],
  code: ['{{', '}}'],
  strike: ['-', '-'],
  underline: ['+', '+'],
}

const textOf = (node: AdfNode, one: (node: AdfNode) => string, between = '') => (node.content ?? []).map(one).join(between)

/** The same text as wiki markup, as the service desk API returns it. */
export function toWiki(document: AdfDocument): string {
  return document.content.map((node) => toWikiBlock(node, '')).join('\n\n')
}

function toWikiBlock(node: AdfNode, bullets: string): string {
  switch (node.type) {
    case 'heading':
      return `h${node.attrs?.level ?? 1}. ${textOf(node, toWikiInline)}`
    case 'bulletList':
    case 'orderedList': {
      const deeper = bullets + (node.type === 'bulletList' ? '*' : '#')
      return textOf(node, (item) => textOf(item, (part) => toWikiItem(part, deeper), '\n'), '\n')
    }
    case 'codeBlock': {
      const language = node.attrs?.language
      return `{code${typeof language === 'string' ? `:${language}` : ''}}\n${textOf(node, (part) => part.text ?? '')}\n{code}`
    }
    case 'blockquote':
      return `{quote}\n${textOf(node, (part) => toWikiBlock(part, bullets), '\n\n')}\n{quote}`
    case 'panel':
      return `{panel}\n${textOf(node, (part) => toWikiBlock(part, bullets), '\n\n')}\n{panel}`
    case 'rule':
      return '----'
    case 'mediaSingle':
    case 'mediaGroup':
      return textOf(node, ({ attrs }) => `!${attrs?.alt ?? attrs?.id ?? 'image'}|thumbnail!`, '\n')
    default:
      return textOf(node, toWikiInline)
  }
}

function toWikiItem(node: AdfNode, bullets: string): string {
  return node.type === 'paragraph' ? `${bullets} ${textOf(node, toWikiInline)}` : toWikiBlock(node, bullets)
}

function toWikiInline(node: AdfNode): string {
  if (node.type === 'hardBreak') return '\n'
  if (node.type === 'mention') return `[~accountid:${node.attrs?.id}]`
  if (node.type === 'emoji') return String(node.attrs?.text ?? node.attrs?.shortName ?? '')
  if (node.type === 'inlineCard') return `[${node.attrs?.url}]`
  const link = node.marks?.find(({ type }) => type === 'link')?.attrs?.href
  const marked = (node.marks ?? []).reduceRight((text, { type }) => {
    const [before, after] = wikiMarks[type] ?? ['', '']
    return before + text + after
  }, node.text ?? '')
  return link === undefined ? marked : `[${marked}|${link}]`
}

const htmlMarks: Readonly<Record<string, string>> = { strong: 'strong', em: 'em', code: 'tt', strike: 'del', underline: 'ins' }
const htmlBlocks: Readonly<Record<string, string>> = {
  ...{ bulletList: 'ul', orderedList: 'ol', listItem: 'li', blockquote: 'blockquote', paragraph: 'p', panel: 'div' },
}

const escapeHtml = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

/** The text as HTML: `renderedBody`. */
export function toHtml(document: AdfDocument): string {
  return document.content.map(toHtmlNode).join('\n')
}

function toHtmlNode(node: AdfNode): string {
  switch (node.type) {
    case 'text': {
      const link = node.marks?.find(({ type }) => type === 'link')?.attrs?.href
      const marked = (node.marks ?? []).reduceRight(
        (text, { type }) => {
          const tag = htmlMarks[type]
          return tag ? `<${tag}>${text}</${tag}>` : text
        },
        escapeHtml(node.text ?? ''),
      )
      return link === undefined
        ? marked
        : `<a href="${escapeHtml(String(link))}" class="external-link" rel="nofollow">${marked}</a>`
    }
    case 'hardBreak':
      return '<br/>'
    case 'rule':
      return '<hr />'
    case 'mention':
      return escapeHtml(String(node.attrs?.text ?? ''))
    case 'emoji':
      return escapeHtml(String(node.attrs?.text ?? node.attrs?.shortName ?? ''))
    case 'heading':
      return `<h${node.attrs?.level ?? 1}>${textOf(node, toHtmlNode)}</h${node.attrs?.level ?? 1}>`
    case 'codeBlock':
      return `<pre>${textOf(node, toHtmlNode)}</pre>`
    default: {
      const tag = htmlBlocks[node.type]
      return tag ? `<${tag}>${textOf(node, toHtmlNode)}</${tag}>` : textOf(node, toHtmlNode)
    }
  }
}

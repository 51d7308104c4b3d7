import type { AdfDocument, AdfMark, AdfNode } from './adf.ts'

/**
 * The document of a text in wiki markup, as Jira makes it from what the service desk API receives. Knows headings, lists, quotes,
 * code, links, mentions, and the marks for bold, italic, code, deleted and inserted text.
 */
export function fromWiki(text: string): AdfDocument {
  const content: AdfNode[] = []
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  let index = 0
  while (index < lines.length) {
    const { node, next } = readBlock(lines, index)
    if (node) content.push(node)
    index = next
  }
  return { type: 'doc', version: 1, content }
}

interface Block {
  readonly node: AdfNode | null
  readonly next: number
}

function readBlock(lines: readonly string[], start: number): Block {
  const line = lines[start] ?? ''
  if (line.trim() === '') return { node: null, next: start + 1 }
  if (/^-{4,}\s*$/.test(line)) return { node: { type: 'rule' }, next: start + 1 }
  const heading = /^h([1-6])\.\s+(.*)$/.exec(line)
  if (heading) {
    const node = { type: 'heading', attrs: { level: Number(heading[1]) }, content: readInline(heading[2] ?? '') }
    return { node, next: start + 1 }
  }
  const fence = /^\{(code|noformat|quote)(?::([\w+-]+))?[^}]*\}\s*$/.exec(line)
  if (fence) return readFenced(lines, start, fence[1] ?? 'code', fence[2])
  if (/^[*#]+\s+/.test(line)) return readList(lines, start)
  return readParagraph(lines, start)
}

/** A block between two lines with the same name in braces; an open one ends with the text. */
function readFenced(lines: readonly string[], start: number, name: string, language: string | undefined): Block {
  const found = lines.findIndex((line, index) => index > start && line.trim() === `{${name}}`)
  const end = found < 0 ? lines.length : found
  const inside = lines.slice(start + 1, end).join('\n')
  if (name === 'quote') return { node: { type: 'blockquote', content: fromWiki(inside).content }, next: end + 1 }
  const attrs = language === undefined ? {} : { attrs: { language } }
  const content = inside === '' ? [] : [{ type: 'text', text: inside }]
  return { node: { type: 'codeBlock', ...attrs, content }, next: end + 1 }
}

/** A list, with deeper lists inside the item before them. */
function readList(lines: readonly string[], start: number): Block {
  let end = start
  while (/^[*#]+\s+/.test(lines[end] ?? '')) end += 1
  const items = lines.slice(start, end).map((line) => {
    const [, bullets = '*', text = ''] = /^([*#]+)\s+(.*)$/.exec(line) ?? []
    return { bullets, text }
  })
  return { node: toList(items, 1), next: end }
}

function toList(items: readonly { readonly bullets: string; readonly text: string }[], depth: number): AdfNode {
  const content: AdfNode[] = []
  let index = 0
  while (index < items.length) {
    const item = items[index]!
    let next = index + 1
    while (next < items.length && items[next]!.bullets.length > depth) next += 1
    const deeper = items.slice(index + 1, next)
    const own = { type: 'paragraph', content: readInline(item.text) }
    content.push({ type: 'listItem', content: deeper.length > 0 ? [own, toList(deeper, depth + 1)] : [own] })
    index = next
  }
  return { type: items[0]?.bullets.at(depth - 1) === '#' ? 'orderedList' : 'bulletList', content }
}

/** Lines until an empty one or another block. Line ends inside become hard breaks. */
function readParagraph(lines: readonly string[], start: number): Block {
  let end = start + 1
  while (end < lines.length && !/^(\s*$|h[1-6]\.\s|[*#]+\s|\{(code|noformat|quote)|-{4,}\s*$)/.test(lines[end]!)) end += 1
  const content = lines
    .slice(start, end)
    .flatMap((line, index) => (index === 0 ? readInline(line) : [{ type: 'hardBreak' }, ...readInline(line)]))
  return { node: { type: 'paragraph', content }, next: end }
}

const inlinePatterns: readonly [RegExp, (match: RegExpExecArray, marks: readonly AdfMark[]) => AdfNode[]][] = [
  [/\[~accountid:([^\]]+)\]/, ([, id]) => [{ type: 'mention', attrs: { id, text: '@user' } }]],
  [/\{\{(.+?)\}\}/, ([, text], marks) => [marked(text ?? '', [...marks, { type: 'code' }])]],
  [
    /\[([^\]|]+)\|([^\]|\s]+)(?:\|[^\]]*)?\]/,
    ([, text, href], marks) => readInline(text ?? '', [...marks, { type: 'link', attrs: { href } }]),
  ],
  [/\[(https?:\/\/[^\]\s]+)\]/, ([, href], marks) => [marked(href ?? '', [...marks, { type: 'link', attrs: { href } }])]],
  [
    /(?<![\p{L}\p{N}*])\*(\S(?:.*?\S)?)\*(?![\p{L}\p{N}*])/u,
    ([, text], marks) => readInline(text ?? '', [...marks, { type: 'strong' }]),
  ],
  [
    /(?<![\p{L}\p{N}_])_(\S(?:.*?\S)?)_(?![\p{L}\p{N}_])/u,
    ([, text], marks) => readInline(text ?? '', [...marks, { type: 'em' }]),
  ],
  [
    /(?<![\p{L}\p{N}+])\+(\S(?:.*?\S)?)\+(?![\p{L}\p{N}+])/u,
    ([, text], marks) => readInline(text ?? '', [...marks, { type: 'underline' }]),
  ],
  [
    /(?<![\p{L}\p{N}-])-(\S(?:.*?\S)?)-(?![\p{L}\p{N}-])/u,
    ([, text], marks) => readInline(text ?? '', [...marks, { type: 'strike' }]),
  ],
]

function marked(text: string, marks: readonly AdfMark[]): AdfNode {
  return marks.length > 0 ? { type: 'text', text, marks } : { type: 'text', text }
}

/** The nodes of one line: the earliest mark first, then what follows it. */
function readInline(line: string, marks: readonly AdfMark[] = []): AdfNode[] {
  if (line === '') return []
  const found = inlinePatterns
    .flatMap(([pattern, build]) => {
      const match = pattern.exec(line)
      return match ? [{ match, build }] : []
    })
    .toSorted((one, other) => one.match.index - other.match.index)[0]
  if (!found) return [marked(line, marks)]
  const { match, build } = found
  return [
    ...readInline(line.slice(0, match.index), marks),
    ...build(match, marks),
    ...readInline(line.slice(match.index + match[0].length), marks),
  ]
}

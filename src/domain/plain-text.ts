import type { MessageFormat } from './ticket-parts.ts'

/** A message as plain text. Only HTML is converted: other markup is readable as it is. */
export function toPlainText(body: string, format: MessageFormat): string {
  return format === 'HTML' ? htmlToText(body) : body
}

/** Elements that begin on a line of their own. */
const blocks = new Set(
  'address article aside blockquote br div dl dt dd fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul'.split(
    ' ',
  ),
)
/** Elements whose content is not shown. */
const hidden = new Set(['head', 'script', 'style', 'template', 'title'])

const namedCharacters: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  lt: '<',
  nbsp: ' ',
  quot: '"',
  copy: '©',
  euro: '€',
  hellip: '…',
  laquo: '«',
  ldquo: '“',
  lsquo: '‘',
  mdash: '—',
  ndash: '–',
  raquo: '»',
  rdquo: '”',
  reg: '®',
  rsquo: '’',
  trade: '™',
}

/**
 * The text of an HTML document or fragment: without tags, comments and scripts, blocks on lines of their own. It reads the text once from
 * left to right, so hostile input takes no longer than other input. It makes no HTML safe: the result is text and must be escaped.
 */
function htmlToText(html: string): string {
  const lower = html.toLowerCase()
  let text = ''
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    text += (open < 0 ? html.slice(at) : html.slice(at, open)).replace(/\s+/g, ' ')
    if (open < 0) break
    const tag = tagAt(lower, open)
    if (tag === null) {
      text += '<'
      at = open + 1
      continue
    }
    if (blocks.has(tag.name)) text += '\n'
    at = tag.isEnd || !hidden.has(tag.name) ? tag.end : endOfElement(lower, tag.name, tag.end)
  }
  return decodeCharacters(text)
    .replace(/ ?\n ?/g, '\n')
    .replace(/ {2,}/g, ' ')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

interface Tag {
  /** '' for a comment and the like. */
  readonly name: string
  readonly isEnd: boolean
  /** The position behind it. */
  readonly end: number
}

/** null: this "<" begins no tag. An unfinished tag ends with the text. */
function tagAt(html: string, open: number): Tag | null {
  const next = html.charAt(open + 1)
  if (next === '!' || next === '?')
    return { name: '', isEnd: false, end: behind(html, html.startsWith('--', open + 2) ? '-->' : '>', open) }
  const isEnd = next === '/'
  const name = /^[a-z][a-z0-9]*/.exec(html.slice(open + (isEnd ? 2 : 1), open + 20))?.[0]
  return name === undefined ? null : { name, isEnd, end: behind(html, '>', open) }
}

function endOfElement(html: string, name: string, from: number): number {
  return behind(html, '>', behind(html, `</${name}`, from) - 1)
}

/** The position behind the next occurrence; the end of the text when there is none. */
function behind(html: string, wanted: string, from: number): number {
  const found = html.indexOf(wanted, from)
  return found < 0 ? html.length : found + wanted.length
}

function decodeCharacters(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return namedCharacters[name.toLowerCase()] ?? whole
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) ? String.fromCodePoint(point) : whole
  })
}

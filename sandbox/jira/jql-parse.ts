// The grammar of JQL: clauses joined by AND, OR and NOT, and ORDER BY.

/** A refusal of a query, in the site's words. */
export class JqlError extends Error {}

export type JqlOperand =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly string[] }
  | { readonly kind: 'list'; readonly items: readonly JqlOperand[] }

export type JqlNode =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly JqlNode[] }
  | { readonly kind: 'not'; readonly part: JqlNode }
  | { readonly kind: 'clause'; readonly field: string; readonly operator: string; readonly operand: JqlOperand }

export interface JqlQuery {
  /** Null: no condition. */
  readonly where: JqlNode | null
  readonly orderBy: readonly { readonly field: string; readonly direction: 'asc' | 'desc' | null }[]
}

interface Token {
  readonly text: string
  readonly quoted: boolean
  readonly at: number
}

const tokenPattern = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|<=|>=|!~|[=<>~(),]|&&|\|\||!)|([^\s=<>~!(),"'&|]+))/y

function tokenise(jql: string): Token[] {
  const tokens: Token[] = []
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < jql.length) {
    const at = tokenPattern.lastIndex
    if (/^\s*$/.test(jql.slice(at))) break
    const match = tokenPattern.exec(jql)
    if (!match)
      throw new JqlError(
        `Error in the JQL Query: The character '${jql.slice(at).trim()[0]}' is not expected here. (line 1, character ${at + 1})`,
      )
    const quoted = match[1] ?? match[2]
    if (quoted === undefined) tokens.push({ text: match[3] ?? match[4] ?? '', quoted: false, at })
    else tokens.push({ text: quoted.replace(/\\(.)/g, '$1'), quoted: true, at })
  }
  return tokens
}

/** Parses a query, or throws a `JqlError`. */
export function parseJql(jql: string): JqlQuery {
  const tokens = tokenise(jql)
  let index = 0
  const peek = (offset = 0) => tokens[index + offset]
  const isWord = (token: Token | undefined, ...words: string[]) =>
    token !== undefined && !token.quoted && words.includes(token.text.toLowerCase())
  const fail = (expected: string): never => {
    const token = peek()
    const got = token ? `'${token.text}'` : 'the end of the query'
    throw new JqlError(
      `Error in the JQL Query: Expecting ${expected} but got ${got}. (line 1, character ${(token?.at ?? jql.length) + 1})`,
    )
  }
  const take = (expected: string): Token => {
    const token = peek()
    if (!token) return fail(expected)
    index += 1
    return token
  }
  const skip = (...words: string[]) => {
    if (!isWord(peek(), ...words)) return false
    index += 1
    return true
  }
  const expect = (word: string) => {
    if (!skip(word)) fail(`'${word}'`)
  }

  const parseOr = (): JqlNode => joined('or', parseAnd, 'or', '||')
  const parseAnd = (): JqlNode => joined('and', parseNot, 'and', '&&')
  const joined = (kind: 'and' | 'or', parsePart: () => JqlNode, ...words: string[]): JqlNode => {
    const parts = [parsePart()]
    while (skip(...words)) parts.push(parsePart())
    return parts.length === 1 ? parts[0]! : { kind, parts }
  }
  const parseNot = (): JqlNode => {
    if (skip('not', '!')) return { kind: 'not', part: parseNot() }
    if (!skip('(')) return parseClause()
    const inside = parseOr()
    expect(')')
    return inside
  }
  const parseClause = (): JqlNode => {
    const field = take('a field name').text
    const operator = parseOperator()
    if (operator === 'is' || operator === 'is not') {
      if (!isWord(peek(), 'empty', 'null')) fail("either 'EMPTY' or 'NULL'")
      index += 1
      return { kind: 'clause', field, operator, operand: { kind: 'empty' } }
    }
    return { kind: 'clause', field, operator, operand: parseOperand() }
  }
  const parseOperator = (): string => {
    const token = peek()
    if (skip('=', '!=', '<', '<=', '>', '>=', '~', '!~', 'in')) return token!.text.toLowerCase()
    if (skip('not')) {
      expect('in')
      return 'not in'
    }
    if (skip('is')) return skip('not') ? 'is not' : 'is'
    if (skip('was')) return skip('not') ? 'was not' : 'was'
    return fail("operator, one of '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'IS' and 'WAS',")
  }
  const parseOperand = (): JqlOperand => {
    if (skip('(')) {
      const items = [parseOperand()]
      while (skip(',')) items.push(parseOperand())
      expect(')')
      return { kind: 'list', items }
    }
    const token = take('a value, list or function')
    if (!token.quoted && isWord(token, 'empty', 'null')) return { kind: 'empty' }
    if (!token.quoted && /^[=<>~!(),]/.test(token.text)) {
      index -= 1
      return fail('a value, list or function')
    }
    if (token.quoted || !skip('(')) return { kind: 'literal', text: token.text }
    const args: string[] = []
    while (!skip(')')) {
      args.push(take('an argument').text)
      skip(',')
    }
    return { kind: 'call', name: token.text.toLowerCase(), args }
  }
  const parseOrder = (): JqlQuery['orderBy'] => {
    const columns: { field: string; direction: 'asc' | 'desc' | null }[] = []
    do {
      const field = take('a field to order by').text
      columns.push({ field, direction: skip('desc') ? 'desc' : skip('asc') ? 'asc' : null })
    } while (skip(','))
    return columns
  }

  const where = tokens.length === 0 || isWord(peek(), 'order') ? null : parseOr()
  let orderBy: JqlQuery['orderBy'] = []
  if (skip('order')) {
    expect('by')
    orderBy = parseOrder()
  }
  if (index < tokens.length) fail("either 'OR' or 'AND'")
  return { where, orderBy }
}

/** Where a text stops being JSON. Line and column count from 1. */
export interface JsonError {
  readonly offset: number
  readonly line: number
  readonly column: number
  /** What is wrong there, without quoting the text: it may hold personal data. */
  readonly problem: string
}

const maxDepth = 200
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const blank = /[ \t\n\r]*/y
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const literal = /true|false|null/y

class Fault extends Error {
  readonly offset: number
  constructor(offset: number, problem: string) {
    super(problem)
    this.offset = offset
  }
}

class Scanner {
  readonly #text: string
  #at = 0
  constructor(text: string) {
    this.#text = text
  }

  document(): void {
    this.#skip(blank)
    this.#value(0)
    this.#skip(blank)
    if (this.#at < this.#text.length) throw this.#fault('nothing may follow the value')
  }

  #fault(problem: string): Fault {
    return new Fault(this.#at, this.#at >= this.#text.length ? 'the text ends too early' : problem)
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    const found = pattern.test(this.#text)
    if (found) this.#at = pattern.lastIndex
    return found
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #value(depth: number): void {
    if (depth > maxDepth) throw this.#fault('nested too deep')
    if (this.#take('{')) this.#members('}', depth, () => this.#name())
    else if (this.#take('[')) this.#members(']', depth, () => {})
    else if (this.#text[this.#at] === '"') this.#string()
    else if (!this.#skip(number) && !this.#skip(literal)) throw this.#fault('a value is expected')
  }

  #members(end: string, depth: number, name: () => void): void {
    this.#skip(blank)
    if (this.#take(end)) return
    do {
      this.#skip(blank)
      if (this.#text[this.#at] === end) throw this.#fault('a comma stands before the closing bracket')
      name()
      this.#value(depth + 1)
      this.#skip(blank)
    } while (this.#take(','))
    if (!this.#take(end)) throw this.#fault(`"," or "${end}" is expected`)
  }

  #name(): void {
    if (this.#text[this.#at] !== '"') throw this.#fault('a name in double quotes is expected')
    this.#string()
    this.#skip(blank)
    if (!this.#take(':')) throw this.#fault('":" is expected')
    this.#skip(blank)
  }

  #string(): void {
    if (!this.#skip(string)) throw this.#fault('this text is not closed or holds a forbidden character')
  }
}

/** Finds the first fault of a text that should be JSON; null when it is JSON. For messages: JSON.parse says less, and quotes the text. */
export function locateJsonError(text: string): JsonError | null {
  try {
    new Scanner(text).document()
    return null
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const before = text.slice(0, error.offset)
    const line = before.split('\n').length
    return { offset: error.offset, line, column: error.offset - before.lastIndexOf('\n'), problem: error.message }
  }
}

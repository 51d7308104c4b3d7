const remembered = new Map<string, string>()
/** Languages are few; whatever else arrives under that name is not collected without end. */
const mostRemembered = 1000
let codesByName: Map<string, string> | undefined

/** One name for `en`, `eng` and `english`: the two-letter code. What is no known language stays as it is. */
export function toLanguage(text: string | null): string | null {
  if (text === null) return null
  const known = remembered.get(text)
  if (known !== undefined) return known
  const language = toCode(text.trim())
  if (remembered.size < mostRemembered) remembered.set(text, language)
  return language
}

function toCode(text: string): string {
  const named = namedCodes().get(text.toLowerCase())
  if (named) return named
  // The platform knows the three-letter codes: eng is en.
  const isCode = /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(text)
  return isCode ? (Intl.getCanonicalLocales(text)[0] ?? text) : text
}

function namedCodes(): Map<string, string> {
  codesByName ??= new Map(twoLetterCodes().flatMap((code) => toNameAndCode(code)))
  return codesByName
}

const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })

function toNameAndCode(code: string): [string, string][] {
  const name = names.of(code)
  // A code that is only an old spelling of another (iw for he) would take the name from it.
  return name && Intl.getCanonicalLocales(code)[0] === code ? [[name.toLowerCase(), code]] : []
}

function twoLetterCodes(): string[] {
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  return letters.flatMap((first) => letters.map((second) => first + second))
}

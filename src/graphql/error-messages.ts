/**
 * Removes values from a message of graphql-js: an input can hold an e-mail address or a phone number. A message about a value is written
 * again from names of the schema alone.
 */
export function toClientMessage(message: string, suggestions: boolean): string {
  const hint = suggestions ? hintOf(message) : ''
  const variable = /^Variable "\$(\w+)" got invalid value/.exec(message)
  if (variable) return `Variable "$${variable[1]}"${placeOf(message)}: ${complaintOf(message)}${hint}`
  const literal = invalidLiteral.exec(message)
  if (literal) return `This is not a valid ${literal[1] ?? literal[2]}.${hint}`
  const syntax = misplacedValue.exec(message)
  if (syntax) return `${syntax[1]}.`
  return suggestions ? message : message.replace(/ Did you mean [^?]*\?/g, '')
}

/** The beginning of a message about a literal; the literal follows. */
const invalidLiteral = /^(?:Expected value of type "([\w![\]]+)"|(Int|Float|String|Boolean|ID) cannot represent )/

/** The beginning of a message about a string or number where none is allowed; the value follows. */
const misplacedValue = /^(Syntax Error: .*\b(?:String|BlockString|Int|Float)) "/

/** Names of the schema: letters, digits and underscores. No other value looks like one. */
const names = '(?:the enum value )?"\\w+"(?:(?:,| or|, or) "\\w+")*'
const suggestion = new RegExp(` Did you mean ${names}\\?$`)

function hintOf(message: string): string {
  return suggestion.exec(message)?.[0] ?? ''
}

/** The input path that graphql-js writes after the value: the last match, because the value itself could contain the pattern. */
function placeOf(message: string): string {
  const paths = [...message.matchAll(/ at "([\w.[\]]+)"; /g)]
  const path = paths.at(-1)?.[1]
  return path === undefined ? '' : ` at "${path}"`
}

const complaints: readonly [RegExp, (match: RegExpExecArray) => string][] = [
  [/; Field "(\w+)" of required type "([\w![\]]+)" was not provided\.$/, ([, field]) => `field "${field}" is missing.`],
  [
    /; Field "(\w+)" is not defined by type "(\w+)"\.(?: Did you mean [^?]*\?)?$/,
    ([, field, type]) => `${type} has no field "${field}".`,
  ],
  [/; Value ".*" does not exist in "(\w+)" enum\.(?: Did you mean [^?]*\?)?$/s, ([, type]) => `not a value of ${type}.`],
  [/; Expected non-nullable type "[\w![\]]+" not to be null\.$/, () => 'may not be null.'],
  [/; Expected type "([\w![\]]+)" to be an object\.$/, ([, type]) => `not a valid ${type}.`],
  [/; This is not a valid (\w+)\.$/, ([, type]) => `not a valid ${type}.`],
  [/; (?:(Int|Float|String|Boolean|ID)|Enum "(\w+)") cannot represent /, ([, scalar, type]) => `not a valid ${scalar ?? type}.`],
]

function complaintOf(message: string): string {
  for (const [pattern, say] of complaints) {
    const match = pattern.exec(message)
    if (match) return say(match)
  }
  return 'not a valid value.'
}

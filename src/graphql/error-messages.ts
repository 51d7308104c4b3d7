/**
 * graphql-js repeats values in its messages, and an input may hold an e-mail address or a telephone number: messages
 * about values are written anew, of names of the schema alone. Of the original only what cannot be a value is taken.
 */
export function toClientMessage(message: string, suggestions: boolean): string {
  const hint = suggestions ? hintOf(message) : ''
  const variable = /^Variable "\$(\w+)" got invalid value/.exec(message)
  if (variable) return `Variable "$${variable[1]}"${placeOf(message)}: ${complaintOf(message)}${hint}`
  if (/^Expected value of type "/.test(message)) return `${expectedOf(message)}${hint}`
  if (/^(Int|Float|String|Boolean|ID|Enum "\w+") cannot represent/.test(message))
    return `A ${message.split(' cannot')[0]} cannot be this value.${hint}`
  return suggestions ? message : message.replace(/ Did you mean [^?]*\?/g, '')
}

/** Schema names only: letters, digits and underscores, so that no value can pass as one. */
const names = '(?:the enum value )?"\\w+"(?:(?:,| or|, or) "\\w+")*'
const suggestion = new RegExp(` Did you mean ${names}\\?$`)

function hintOf(message: string): string {
  return suggestion.exec(message)?.[0] ?? ''
}

/** The path that graphql-js gives after the value: the last one that looks like it. */
function placeOf(message: string): string {
  const paths = [...message.matchAll(/ at "([\w.[\]]+)"; /g)]
  const path = paths.at(-1)?.[1]
  return path === undefined ? '' : ` at "${path}"`
}

const complaints: readonly [RegExp, (match: RegExpExecArray) => string][] = [
  [
    /; Field "(\w+)" of required type "([\w![\]]+)" was not provided\.$/,
    ([, field, type]) => `field "${field}" of type "${type}" is missing.`,
  ],
  [
    /; Field "(\w+)" is not defined by type "(\w+)"\.(?: Did you mean .*)?$/,
    ([, field, type]) => `type "${type}" has no field "${field}".`,
  ],
  [/; Value ".*" does not exist in "(\w+)" enum\./s, ([, type]) => `a value that enum "${type}" does not have.`],
  [/; Expected non-nullable type "([\w![\]]+)" not to be null\.$/, ([, type]) => `null is no "${type}".`],
  [/; Expected type "([\w![\]]+)" to be an object\.$/, ([, type]) => `a "${type}" has to be an object.`],
  [/; Expected type "([\w![\]]+)"\./, ([, type]) => `a value that is no "${type}".`],
]

function complaintOf(message: string): string {
  for (const [pattern, say] of complaints) {
    const match = pattern.exec(message)
    if (match) return say(match)
  }
  return 'a value that its type does not accept.'
}

function expectedOf(message: string): string {
  const type = /^Expected value of type "([\w![\]]+)"/.exec(message)?.[1]
  return `A value here is no "${type}".`
}

import { LineCounter, parseDocument } from 'yaml'
import type * as z from 'zod'
import { type ConfigFault, type Environment, interpolate } from './interpolate.ts'

/** Everything that is wrong with a file, one line each: `file:line:column path: problem`. No value is repeated. */
export class ConfigError extends Error {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'ConfigError'
  }
}

/** Decodes YAML text by a schema after `${ENV}` interpolation. Throws ConfigError with every fault at once. */
export function readYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map((error) => `${file}:${place(lines, error.pos[0])} not YAML: ${error.message}`))
  }
  const interpolated = interpolate(document.toJS(), environment)
  const decoded = schema.safeParse(interpolated.value)
  // An unset variable leaves '' behind: the schema's complaint about that value would only repeat the cause.
  const unset = new Set(interpolated.faults.map((fault) => fault.path.join('.')))
  const faults = [...interpolated.faults, ...schemaFaults(decoded.error).filter((fault) => !unset.has(fault.path.join('.')))]
  if (decoded.success && faults.length === 0) return decoded.data
  throw new ConfigError(faults.map((fault) => `${file}:${placeOf(document, lines, fault.path)} ${describe(fault)}`))
}

function schemaFaults(error: z.ZodError | undefined): ConfigFault[] {
  return (error?.issues ?? []).flatMap((issue) => {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...path, key], problem: 'this key is not known' }))
    return [{ path, problem: issue.message }]
  })
}

function describe(fault: ConfigFault): string {
  return `${fault.path.join('.') || '(the file)'}: ${fault.problem}`
}

type YamlDocument = ReturnType<typeof parseDocument>

/** Where the value stands, or the nearest one around it that the file has. */
function placeOf(document: YamlDocument, lines: LineCounter, path: readonly (string | number)[]): string {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    const range = typeof node === 'object' && node !== null && 'range' in node ? (node.range as [number] | null) : null
    if (range) return place(lines, range[0])
  }
  return '1:1'
}

function place(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${line}:${col}`
}

import { LineCounter, parseDocument } from 'yaml'
import type * as z from 'zod'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where a value is in a configuration file: `["sources", "oneview", "token"]`. */
type ConfigPath = readonly (string | number)[]

interface ConfigFault {
  readonly path: ConfigPath
  readonly problem: string
}

/**
 * Every fault of a configuration, one line each: `file:line:column path: problem`. No line repeats a value, because a
 * value may be a secret.
 */
export class ConfigError extends Error {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'ConfigError'
  }
}

/** A YAML file and how to decode it. */
export interface YamlFile<Schema extends z.ZodType> {
  readonly text: string
  /** The file's name, for the places of faults. */
  readonly file: string
  readonly schema: Schema
  /** Replaces `${NAME}` and `${NAME:-default}` in every text of the file. */
  readonly environment: Environment
}

/** A decoded file, and where its values are. */
export interface LocatedConfig<T> {
  readonly config: T
  /** `file:line:column` of the value at the path, or of the nearest value around it that the file has. */
  locate(path: ConfigPath): string
}

/** Decodes YAML text by a schema, after the environment variables are put in. Throws ConfigError with every fault at once. */
export function readYaml<Schema extends z.ZodType>(source: YamlFile<Schema>): z.output<Schema> {
  return readLocatedYaml(source).config
}

/** As `readYaml`, for a caller that checks further and reports places. */
export function readLocatedYaml<Schema extends z.ZodType>(source: YamlFile<Schema>): LocatedConfig<z.output<Schema>> {
  const { text, file, schema, environment } = source
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map(({ pos, message }) => `${file}:${toPlace(lines, pos[0])} not YAML: ${message}`))
  }
  const locate = (path: ConfigPath) => `${file}:${toPlace(lines, offsetOf(document, path))}`
  const interpolated = interpolate(document.toJS(), environment)
  const decoded = schema.safeParse(interpolated.value)
  // An unset variable becomes an empty text. A second fault of the schema at that place would only repeat the cause.
  const unset = new Set(interpolated.faults.map(({ path }) => path.join('.')))
  const faults = [...interpolated.faults, ...schemaFaults(decoded.error).filter(({ path }) => !unset.has(path.join('.')))]
  if (decoded.success && faults.length === 0) return { config: decoded.data, locate }
  throw new ConfigError(faults.map(({ path, problem }) => `${locate(path)} ${path.join('.') || '(the file)'}: ${problem}`))
}

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

/**
 * Replaces references to environment variables in the texts of the parsed file, and trims the ends of every text (INPUT-11): a secret
 * that was read from a file ends with a line break. The file is parsed first, so that the value of a variable never changes its structure.
 */
function interpolate(value: unknown, environment: Environment): { value: unknown; faults: ConfigFault[] } {
  const faults: ConfigFault[] = []
  const replaceText = (text: string, path: ConfigPath): string =>
    text
      .replace(reference, (_match, name: string, fallback: string | undefined) => {
        const found = environment[name]?.trim() || fallback
        if (found === undefined) faults.push({ path, problem: toUnsetProblem(name) })
        return found ?? ''
      })
      .trim()
  const replaceAll = (item: unknown, path: ConfigPath): unknown => {
    if (typeof item === 'string') return replaceText(item, path)
    if (Array.isArray(item)) return item.map((entry, index) => replaceAll(entry, [...path, index]))
    if (typeof item !== 'object' || item === null) return item
    return Object.fromEntries(Object.entries(item).map(([key, entry]) => [key, replaceAll(entry, [...path, key])]))
  }
  return { value: replaceAll(value, []), faults }
}

function toUnsetProblem(name: string): string {
  return `the environment variable ${name} is not set; set it, or write a default: \${${name}:-default}`
}

function schemaFaults(error: z.ZodError | undefined): ConfigFault[] {
  return (error?.issues ?? []).flatMap((issue) => {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))
    if (issue.code !== 'unrecognized_keys') return [{ path, problem: issue.message }]
    return issue.keys.map((key) => ({
      path: [...path, key],
      problem: 'this key is not known; correct its spelling or remove it',
    }))
  })
}

function offsetOf(document: ReturnType<typeof parseDocument>, path: ConfigPath): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    const range = typeof node === 'object' && node !== null && 'range' in node ? (node.range as [number] | null) : null
    if (range) return range[0]
  }
  return 0
}

function toPlace(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${line}:${col}`
}

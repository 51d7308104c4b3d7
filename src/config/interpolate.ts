/** A fault in a configuration file. `path` leads to the value: ["sources", "oneview", "token"]. */
export interface ConfigFault {
  readonly path: readonly (string | number)[]
  readonly problem: string
}

export type Environment = Readonly<Record<string, string | undefined>>

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every text of a parsed file, so that a value can never change the
 * file's structure. A missing variable is a fault that names it, never its neighbours' values.
 */
export function interpolate(value: unknown, environment: Environment): { value: unknown; faults: ConfigFault[] } {
  const faults: ConfigFault[] = []
  return { value: walk(value, [], environment, faults), faults }
}

function walk(value: unknown, path: readonly (string | number)[], environment: Environment, faults: ConfigFault[]): unknown {
  if (typeof value === 'string') return replace(value, path, environment, faults)
  if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index], environment, faults))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key], environment, faults)]))
}

function replace(text: string, path: readonly (string | number)[], environment: Environment, faults: ConfigFault[]): string {
  return text.replace(reference, (_whole, name: string, fallback: string | undefined) => {
    const found = environment[name] || fallback
    if (found === undefined) faults.push({ path, problem: `the environment variable ${name} is not set` })
    return found ?? ''
  })
}

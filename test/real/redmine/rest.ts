/** The people of the seed, by login, with their API keys. `setup.rb` gives them their roles. */
export const redmineKeys = {
  admin: 'a'.repeat(40),
  /** Managers of all projects: they write and read private notes. */
  ann: '1'.repeat(40),
  ben: '2'.repeat(40),
  /** Edits tickets and adds notes, and may neither write nor read private notes. */
  rita: '3'.repeat(40),
  /** A manager of the project `billing` only. */
  otto: '4'.repeat(40),
  /** Customers: they open tickets and comment on them. */
  carl: 'c'.repeat(40),
  dora: 'd'.repeat(40),
} as const
export type RedmineLogin = keyof typeof redmineKeys

export interface NamedRecord {
  readonly id: number
  readonly name: string
}

/** Redmine's own REST API, as one of the seed's people sees it: what tests compare the source with. Throws for another status than 2xx. */
export function redmineRest(url: string, login: RedmineLogin) {
  return async <T = unknown>(method: string, path: string, body?: unknown): Promise<T> => {
    const isFile = body instanceof Uint8Array
    const contentType = isFile ? 'application/octet-stream' : 'application/json'
    const response = await fetch(url + path, {
      method,
      headers: { 'x-redmine-api-key': redmineKeys[login], 'content-type': contentType },
      ...(body !== undefined && { body: isFile ? new Blob([new Uint8Array(body)]) : JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`)
    return (text.trim() === '' ? null : JSON.parse(text)) as T
  }
}

import type { SandboxSystem } from '../../sandbox/sandbox.ts'

/** Calls a simulator with the system's token, unless `headers` has another, and decodes the answer. */
export async function call(
  system: SandboxSystem,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(system.url + path, {
    method,
    headers: { authorization: `Bearer ${system.token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: toJson(text) }
}

// biome-ignore lint/suspicious/noExplicitAny: a vendor's answer, compared as a whole
function toJson(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import type { SandboxSystem } from '../../sandbox/sandbox.ts'

/** The ids of all tickets of a simulator, read from its API without code of the gateway. */
export async function readSandboxIds(
  system: SandboxSystem,
  path: string,
  sizeParameter: string,
  toRecords: (body: Record<string, unknown>) => unknown,
  idKey: string,
): Promise<string[]> {
  const ids: string[] = []
  for (let page = 1; ; page++) {
    const answer = await fetch(`${system.url}${path}?page=${page}&${sizeParameter}=100`, {
      headers: { authorization: `Bearer ${system.token}` },
    })
    const records = toRecords((await answer.json()) as Record<string, unknown>) as Record<string, unknown>[]
    ids.push(...records.map((record) => String(record[idKey])))
    if (records.length < 100) return ids
  }
}

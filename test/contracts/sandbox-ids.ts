import type { SandboxSystem } from '../../sandbox/sandbox.ts'

/** The ids of a simulator's first hundred tickets, read from its API without code of the gateway. */
export async function readSandboxIds(
  system: SandboxSystem,
  path: string,
  sizeParameter: string,
  toRecords: (body: Record<string, unknown>) => unknown,
  idKey: string,
): Promise<string[]> {
  const answer = await fetch(`${system.url}${path}?page=1&${sizeParameter}=100`, {
    headers: { authorization: `Bearer ${system.token}` },
  })
  const records = toRecords((await answer.json()) as Record<string, unknown>) as Record<string, unknown>[]
  return records.map((record) => String(record[idKey]))
}

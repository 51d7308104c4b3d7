import { basename, dirname } from 'node:path'

let file: string | null = null

/** What node is given so that the next server writes its profile when it ends. Nothing while none is asked for. */
export function profileFlags(): string[] {
  if (file === null) return []
  return ['--cpu-prof', '--cpu-prof-interval', '250', '--cpu-prof-dir', dirname(file), '--cpu-prof-name', basename(file)]
}

/** Runs what starts, measures and ends one server: its profile is in that file then. */
export async function profiled<T>(into: string, run: () => Promise<T>): Promise<T> {
  file = into
  try {
    return await run()
  } finally {
    file = null
  }
}

import { bulkhead } from 'cockatiel'

// What a check of `deskgraph doctor` is, and how checks run: side by side, each within its own time.

/** `WARNING`: it works now, and it is going to fail or makes something slower. `PROBLEM`: it does not work. */
export type FindingState = 'OK' | 'WARNING' | 'PROBLEM'

/** One result of a check. Its texts hold no URL, no token and no personal data: operators paste them into tickets. */
export interface Finding {
  readonly state: FindingState
  /** What was found: one or two sentences. */
  readonly found: string
  /** What to do; null: nothing. */
  readonly action: string | null
}

/** One thing that is looked at. */
export interface Check {
  /** For people: `database`, `source redmine`. */
  readonly name: string
  /** Its time. Absent: three seconds. */
  readonly limitMs?: number
  /** Resolves with at least one finding. It should stop when the signal aborts, which is when its time is over. */
  run(signal: AbortSignal): Promise<readonly Finding[]>
}

/** A finding with the name of its check. */
export interface Result extends Finding {
  readonly check: string
}

export function ok(found: string): Finding {
  return { state: 'OK', found, action: null }
}
export function warning(found: string, action: string): Finding {
  return { state: 'WARNING', found, action }
}
export function problem(found: string, action: string): Finding {
  return { state: 'PROBLEM', found, action }
}

const defaultLimitMs = 3_000
/** How many checks run at once: hundreds of partners must not wait for each other's name resolution until their time is over. */
const atOnce = 24

/** Runs the checks side by side. The results have the order of the checks. It never rejects, and takes no check longer than its time. */
export async function runChecks(checks: readonly Check[], onDone: () => void): Promise<readonly Result[]> {
  const limit = bulkhead(atOnce, Number.MAX_SAFE_INTEGER)
  const run = async (check: Check) => {
    const findings = await limit.execute(() => runCheck(check))
    onDone()
    return findings.map((finding) => ({ check: check.name, ...finding }))
  }
  return (await Promise.all(checks.map(run))).flat()
}

async function runCheck({ run, limitMs = defaultLimitMs }: Check): Promise<readonly Finding[]> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const timeIsOver = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(() => {
      resolve([noAnswer(limitMs)])
      controller.abort()
    }, limitMs)
  })
  try {
    return await Promise.race([run(controller.signal), timeIsOver])
  } catch (error) {
    // The message of an unexpected error may hold an address or a value.
    const name = error instanceof Error ? error.name : 'unknown'
    return [problem(`The check itself failed (${name}).`, 'Report it as a defect of Deskgraph, with the name of the check.')]
  } finally {
    clearTimeout(timer)
  }
}

function noAnswer(limitMs: number): Finding {
  return problem(
    `There was no answer within ${limitMs / 1000} s.`,
    'Check that it runs, and the network and firewall between this machine and it.',
  )
}

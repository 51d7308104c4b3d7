import { createSandbox, type SandboxSystemName } from '../sandbox/sandbox.ts'

// The simulated systems as a process of their own, so that they share no event loop with the gateway that is measured.

export type SandboxTask =
  /** Answered with the sources of a gateway's configuration. */
  | { readonly kind: 'start'; readonly latencyMs: number; readonly isWhole?: boolean }
  /** The event-fed systems send their history to this gateway. Answered when it has acknowledged it. */
  | { readonly kind: 'replay'; readonly gatewayUrl: string }
  /** Not answered. */
  | { readonly kind: 'fail'; readonly system: SandboxSystemName; readonly failing: boolean }

/** The five systems of the recorded results. `isWhole`: every system of the sandbox, with its own number of tickets. */
const counts = { oneview: 700, verifik: 450, vcc: 350, wasabi: 350, rbi: 150 }

let sandbox: Awaited<ReturnType<typeof createSandbox>> | null = null

process.on('message', async (task: SandboxTask) => {
  if (task.kind === 'fail') return sandbox?.[task.system].fault(task.failing ? { kind: 'status', status: 503 } : null)
  if (task.kind === 'replay') return process.send!((await sandbox?.replayHistory(task.gatewayUrl)) ?? {})
  sandbox = await createSandbox({ latencyMs: task.latencyMs, ...(!task.isWhole && { counts }) })
  process.send!(sandbox.gatewayConfig().sources)
})
process.send?.('ready')

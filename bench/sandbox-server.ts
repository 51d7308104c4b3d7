import { createSandbox } from '../src/sandbox/sandbox.ts'
import type { SandboxSystemName } from '../src/sandbox/types.ts'

// The simulated systems as a process of their own, so that they share no event loop with what is measured.

export type SandboxOrder =
  | { readonly order: 'start'; readonly latencyMs: number }
  | { readonly order: 'fault'; readonly system: SandboxSystemName; readonly on: boolean }

let sandbox: Awaited<ReturnType<typeof createSandbox>> | null = null

process.on('message', async (order: SandboxOrder) => {
  if (order.order === 'start') {
    sandbox = await createSandbox({ latencyMs: order.latencyMs })
    process.send!(sandbox.gatewayConfig().sources)
  } else sandbox?.[order.system].fault(order.on ? { kind: 'status', status: 503 } : null)
})
process.send?.('ready')

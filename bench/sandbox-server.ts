import { createSandbox, type SandboxSystemName } from '../sandbox/sandbox.ts'

// The simulated systems as a process of their own, so that they share no event loop with what is measured. It says that it is
// there; `start` is answered with the sources of a gateway's configuration, `feed` when all events were acknowledged.

export type SandboxOrder =
  | { readonly order: 'start'; readonly latencyMs: number }
  | { readonly order: 'fault'; readonly system: SandboxSystemName; readonly on: boolean }
  | { readonly order: 'feed'; readonly url: string }

let sandbox: Awaited<ReturnType<typeof createSandbox>> | null = null

process.on('message', async (order: SandboxOrder) => {
  if (order.order === 'start') {
    sandbox = await createSandbox({ latencyMs: order.latencyMs })
    process.send!(sandbox.gatewayConfig().sources)
  } else if (order.order === 'feed') process.send!(await sandbox?.replayHistory(order.url))
  else sandbox?.[order.system].fault(order.on ? { kind: 'status', status: 503 } : null)
})
process.send?.('ready')

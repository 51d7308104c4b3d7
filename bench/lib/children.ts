import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { OpenLoopResult, OpenLoopTask } from '../open-loop.ts'
import type { SandboxOrder } from '../sandbox-server.ts'

const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

async function start(file: string): Promise<ChildProcess> {
  const child = fork(new URL(`../${file}`, import.meta.url))
  children.add(child)
  await once(child, 'message')
  return child
}

async function tell<Answer>(child: ChildProcess, task: object): Promise<Answer> {
  const answered = once(child, 'message')
  child.send(task)
  const [answer] = await answered
  return answer as Answer
}

export interface Generator {
  run(task: OpenLoopTask): Promise<OpenLoopResult>
  close(): void
}

/** The generator in a process of its own. */
export async function startGenerator(): Promise<Generator> {
  const child = await start('open-loop.ts')
  return { run: (task) => tell<OpenLoopResult>(child, task), close: () => void child.kill() }
}

export type SandboxSources = Readonly<Record<'oneview' | 'verifik', Readonly<Record<string, unknown>>>>

/** The simulated systems in a process of their own; each of their answers takes `latencyMs`. */
export async function startSandboxProcess(latencyMs: number) {
  const child = await start('sandbox-server.ts')
  const { oneview, verifik } = await tell<SandboxSources>(child, { order: 'start', latencyMs } satisfies SandboxOrder)
  return {
    sources: { oneview, verifik },
    fault: (system: 'oneview' | 'verifik', on: boolean) => void child.send({ order: 'fault', system, on } satisfies SandboxOrder),
    close: () => void child.kill(),
  }
}

import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { GuaranteeRun } from './guarantee.ts'
import { guarantees } from './guarantee-ids.ts'

/** Prints the result of a run, one line per test: the fault, what was expected, what was observed. */
export class FaultTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) => [...module.children.allTests()].flatMap(toLine)).sort(byId)
    if (lines.length === 0) return
    const passed = lines.filter(({ result }) => result === 'ok').length
    const rows = lines.map(
      ({ run, observed, result }) => `| ${run.id} | ${run.fault} | ${run.expected} | ${observed} | ${result} |`,
    )
    const head = ['| guarantee | fault | expected | observed | |', '|---|---|---|---|---|']
    const tested = new Set(lines.filter(({ result }) => result !== 'skipped').map(({ run }) => run.id))
    const missing = Object.keys(guarantees).filter((id) => !tested.has(id as keyof typeof guarantees))
    const rest = missing.length === 0 ? 'Every guarantee was tested.' : `Not tested: ${missing.join(', ')}.`
    console.log(['', ...head, ...rows, '', `${passed} of ${lines.length} tests passed. ${rest}`, ''].join('\n'))
  }
}

interface Line {
  readonly run: GuaranteeRun
  readonly observed: string
  readonly result: 'ok' | 'FAILED' | 'skipped'
}

function toLine(test: TestCase): Line[] {
  const { guarantee: run } = test.meta()
  const { state, errors } = test.result()
  if (!run) return []
  if (state === 'passed') return [{ run, observed: run.observed ?? '', result: 'ok' }]
  if (state === 'failed') return [{ run, observed: firstLine(errors?.[0]?.message ?? ''), result: 'FAILED' }]
  return [{ run, observed: '', result: 'skipped' }]
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replaceAll('|', '\\|').slice(0, 200)
}

function byId({ run: one }: Line, { run: other }: Line): number {
  return one.id.localeCompare(other.id, 'en', { numeric: true })
}

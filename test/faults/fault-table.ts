import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { Row } from './row.ts'
import { rowIds } from './row-ids.ts'

/** Prints what a run has shown, a line per row: what was done, what was expected, what came. */
export class FaultTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules.flatMap((module) => [...module.children.allTests()].flatMap(toLine)).sort(byId)
    if (rows.length === 0) return
    const passed = rows.filter(({ mark }) => mark === 'ok').length
    const lines = rows.map(({ mark, row, came }) => `| ${row.id} | ${row.done} | ${row.expected} | ${came} | ${mark} |`)
    const head = ['| row | what was done | what was expected | what came | |', '|---|---|---|---|---|']
    const absent = Object.keys(rowIds).filter((id) => !rows.some(({ row, mark }) => row.id === id && mark !== 'skipped'))
    const rest = absent.length === 0 ? 'Every promise was put to the test.' : `Not put to the test: ${absent.join(', ')}.`
    console.log(['', ...head, ...lines, '', `${passed} of ${rows.length} rows hold. ${rest}`, ''].join('\n'))
  }
}

interface Line {
  readonly row: Row
  readonly came: string
  readonly mark: 'ok' | 'FAILED' | 'skipped'
}

function toLine(test: TestCase): Line[] {
  const { row } = test.meta()
  const { state, errors } = test.result()
  if (row && state === 'passed') return [{ row, came: row.came ?? '', mark: 'ok' }]
  if (row && state === 'failed') return [{ row, came: firstLine(errors?.[0]?.message ?? ''), mark: 'FAILED' }]
  return row ? [{ row, came: '', mark: 'skipped' }] : []
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replaceAll('|', '\\|').slice(0, 200)
}

function byId({ row: one }: Line, { row: other }: Line): number {
  return one.id.localeCompare(other.id, 'en', { numeric: true })
}

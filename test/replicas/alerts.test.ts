import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { havePrograms, runProgram } from './support/programs.ts'

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

describe.runIf(havePrograms('promtool'))('the alarms for Prometheus', () => {
  test('are rules that Prometheus reads', () => {
    expect(runProgram('promtool', ['check', 'rules', path('../../docs/deploy/alerts.yaml')])).toContain('SUCCESS: 22 rules found')
  })

  test('OPS-21: come when they should, and not before', () => {
    expect(runProgram('promtool', ['test', 'rules', path('alerts.promtool.yaml')])).toContain('SUCCESS')
  })
})

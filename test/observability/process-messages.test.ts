import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createProcessMessages } from '../../src/observability/process-messages.ts'

/** A stream of a process over a file. */
function fileStream(isTTY: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'messages-'))
  const file = join(folder, 'output')
  const fd = openSync(file, 'w')
  onTestFinished(() => {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  })
  let written = ''
  const stream = { isTTY, fd, write: (text: string) => (written += text) }
  return { stream, text: () => written, lines: () => readFileSync(file, 'utf8').split('\n').filter(Boolean) }
}

describe('OPS-23: messages of the process', () => {
  test('are text for people at a terminal', () => {
    const [output, errors] = [fileStream(true), fileStream(true)]
    const messages = createProcessMessages(output.stream, errors.stream)
    messages.inform('\n  Deskgraph serves 2 sources\n', 'Deskgraph serves 2 sources')
    messages.fail('Deskgraph did not start.\n  sources.vcc.secret: missing')
    expect([output.text(), output.lines()]).toEqual(['\n  Deskgraph serves 2 sources\n\n', []])
    expect([errors.text(), errors.lines()]).toEqual(['Deskgraph did not start.\n  sources.vcc.secret: missing\n', []])
  })

  test('are one line of JSON elsewhere, written before the process can end, without personal data', () => {
    const [output, errors] = [fileStream(false), fileStream(false)]
    const messages = createProcessMessages(output.stream, errors.stream)
    messages.inform('\n  text for people\n', 'Deskgraph serves 2 sources', { sandbox: false })
    messages.fail('Deskgraph did not start.\n  auth.issuer: is jane@example.com')
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(output.text() + errors.text()).toBe('')
    expect(output.lines().map((line) => JSON.parse(line))).toEqual([
      { level: 30, time, sandbox: false, message: 'Deskgraph serves 2 sources' },
    ])
    expect(errors.lines().map((line) => JSON.parse(line))).toEqual([
      { level: 50, time, message: expect.stringMatching(/^Deskgraph did not start\.\n {2}auth\.issuer: is (?!jane)/) },
    ])
  })
})

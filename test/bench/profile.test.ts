import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readProfile } from '../../bench/lib/profile/read-profile.ts'

const gateway = 'file:///somewhere/dist'

/** A profile as V8 writes it: a stack of frames for each millisecond from the second one on. */
function writeProfile(stacks: readonly (readonly [functionName: string, url: string])[][]): string {
  const nodes = [{ id: 1, callFrame: { functionName: '(root)', url: '' }, children: [] as number[] }]
  const samples = stacks.map((stack) => {
    let at = nodes[0]!
    for (const [functionName, url] of stack) {
      const node = { id: nodes.length + 1, callFrame: { functionName, url }, children: [] }
      nodes.push(node)
      at.children.push(node.id)
      at = node
    }
    return at.id
  })
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-profile-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'some.cpuprofile')
  writeFileSync(file, JSON.stringify({ nodes, startTime: 1_000, samples, timeDeltas: samples.map(() => 1_000) }))
  return file
}

it('counts what works for somebody as his, and leaves out what is idle', () => {
  const file = writeProfile([
    [
      ['parseJson', `${gateway}/upstream/json.js`],
      ['utf8Slice', ''],
    ],
    [
      ['send', `${gateway}/http/graphql/answers.js`],
      ['end', 'node:_http_outgoing'],
      ['writeLatin1String', ''],
    ],
    [
      ['send', `${gateway}/http/graphql/answers.js`],
      ['from', 'node:buffer'],
    ],
    [['onStreamRead', 'node:internal/stream_base_commons']],
    [['(idle)', '']],
  ])
  const { shares, busy } = readProfile(file, { from: 1_000, to: 6_000 })
  expect(shares).toEqual({ json: 0.25, writing: 0.25, request: 0.25, rest: 0.25 })
  expect(busy).toBe(0.8)
})

it('sees nothing outside of its span', () => {
  const json: [string, string][] = [['parseJson', `${gateway}/upstream/json.js`]]
  const text: [string, string][] = [['write', `${gateway}-old/graphql/execution/plan.js`]]
  const { shares } = readProfile(writeProfile([json, text, text, json]), { from: 2_500, to: 4_500 })
  expect(shares).toEqual({ plan: 1 })
})

import { expect, it } from 'vitest'
import { limitTables } from '../../../sandbox/intercom/limits.ts'
import { noon, openWorkspace } from './workspace.ts'

it('counts calls in windows of ten seconds and refuses more, with the headers of the document', async () => {
  const workspace = await openWorkspace({ count: 0, limits: { app: 18, workspace: 60 } })
  const tell = async () => {
    const { status, headers, body } = await workspace.get('/me')
    const names = ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']
    return [status, ...names.map((name) => Number(headers.get(name))), body.errors?.[0].code]
  }
  const reset = noon / 1000 + 10
  expect(await tell()).toEqual([200, 3, 2, reset, undefined])
  expect(await tell()).toEqual([200, 3, 1, reset, undefined])
  expect(await tell()).toEqual([200, 3, 0, reset, undefined])
  expect(await tell()).toEqual([429, 3, 0, reset, 'rate_limit_exceeded'])
  workspace.passes(10_000)
  expect(await tell()).toEqual([200, 3, 2, reset + 10, undefined])
  // The other apps of the workspace used nine of its ten calls.
  workspace.intercom.limits.useElsewhere(8, noon + 10_000)
  expect(await tell()).toEqual([200, 10, 0, reset + 10, undefined])
  expect((await tell())[0]).toBe(429)
  workspace.intercom.limits.set(limitTables.vendor)
  expect(await tell()).toEqual([200, 1666, 1665, reset + 10, undefined])
  await workspace.close()
})

import { expect, it } from 'vitest'
import { findNextSteps } from './next-steps.ts'
import { openRedmine } from './redmine-fixture.ts'

it('the contract says of Redmine that nothing is missing, and of a source without its writes what comes next', async () => {
  const fixture = await openRedmine()
  const { writes: _, vendor, ...unwritten } = fixture
  expect(await findNextSteps(fixture)).toEqual([])
  const next = await findNextSteps({ ...unwritten, vendor: { proxy: vendor!.proxy, refusals: [] } })
  expect(next.map((sentence) => sentence.split(/[,:(]/)[0]?.trim())).toEqual([
    'Tell the fixture what the customer reads at the vendor',
    'Give the fixture a change that can be tried',
    'Tell the fixture how the vendor refuses a write',
    'Find out whether the vendor drops changes in silence',
  ])
  await fixture.source.close?.()
  await fixture.unreachable.close?.()
  await fixture.close()
})

import { describe, expect, it } from 'vitest'
import { type SourceFixture, Subject } from './source-fixture.ts'

/** What a source that was begun does not have yet, in the order in which it is best added. Plain sentences for its author. */
export async function findNextSteps(fixture: SourceFixture): Promise<readonly string[]> {
  const { source, refs, writes, vendor } = fixture
  const { info } = source
  const { reads, writes: actions, notes } = info.capabilities
  const hasWrites = actions.length > 0 || info.canCreate
  const [first] = await new Subject(fixture).load(refs.slice(0, 1))
  const steps: readonly (readonly [isMissing: boolean, sentence: string])[] = [
    [!first, 'Load a ticket: the first ticket of the fixture was not found.'],
    [
      refs.length <= source.maxPageSize,
      'Give the simulator more tickets than one page has: a page that is cut cannot be seen otherwise.',
    ],
    [
      !reads.includes('updatedAt'),
      'Read `updatedAt`: lists of all sources are merged by it. Name it in `fields` of the table, and fill it in mapping.ts.',
    ],
    [
      !reads.includes('sourceStatus'),
      'Read the status, with the vendor’s own word as `sourceStatus`. One vocabulary serves reading, filters and writing.',
    ],
    [
      !reads.includes('title'),
      'Read `title`, and every other field that the vendor has. The contract compares the table with real tickets.',
    ],
    [
      !reads.includes('threads'),
      'Read the messages (`threads`), if the vendor has any. What is not proven to be public is INTERNAL.',
    ],
    [
      reads.includes('threads') && !vendor?.customerReads,
      'Tell the fixture what the customer reads at the vendor (`customerReads`): visibility is not proven yet.',
    ],
    [
      info.filters.length <= 2 && !source.narrowingFilters,
      'Push filters down, if the vendor’s lists take conditions (`pushdownFilters`, `narrowingFilters`). Try an unknown condition first: many systems return everything.',
    ],
    [!info.capabilities.counts, 'Count tickets (`countTickets`), if a list of the vendor tells its total.'],
    [
      !hasWrites,
      'Then write: mutations.ts, with verified-write.ts where an answer proves nothing. Begin with UPDATE; REPLY and NOTE come last.',
    ],
    [hasWrites && !writes, 'Give the fixture a change that can be tried (`writes`): no write of this source was tried.'],
    [
      hasWrites && vendor !== undefined && vendor.refusals.length === 0,
      'Tell the fixture how the vendor refuses a write (`refusals`): no refusal was tried.',
    ],
    [
      hasWrites && vendor !== undefined && !vendor.dropped,
      'Find out whether the vendor drops changes in silence, and tell the fixture how it answers then (`dropped`).',
    ],
    [
      actions.includes('REPLY') && notes === 'NONE',
      'Write internal notes (NOTE), if the vendor can keep them from the customer. Prove it before the note is sent.',
    ],
  ]
  return steps.flatMap(([isMissing, sentence]) => (isMissing ? [sentence] : []))
}

/**
 * Prints the next steps. The contract of a source that was begun calls it (templates/source), until there are none that the vendor allows.
 * @public
 */
export function describeNextSteps(name: string, setUp: () => Promise<SourceFixture>): void {
  describe(`${name}, as far as it is`, () => {
    it('says what comes next', async () => {
      const fixture = await setUp()
      const steps = await findNextSteps(fixture)
      await fixture.source.close?.()
      await fixture.unreachable.close?.()
      await fixture.close()
      console.info([`${name}: what comes next`, ...steps.map((step, index) => `${index + 1}. ${step}`)].join('\n'))
      expect(steps).not.toContain('Load a ticket: the first ticket of the fixture was not found.')
    })
  })
}

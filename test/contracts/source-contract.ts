import { afterAll, beforeAll, describe, it } from 'vitest'
import { listingChecks } from './listing-checks.ts'
import { readingChecks } from './reading-checks.ts'
import { type SourceFixture, Subject } from './source-fixture.ts'
import { writingChecks } from './writing-checks.ts'

/** What every TicketSource promises (src/sources/source.ts). Reads come first: writes change what they see. */
export const contractChecks = [...readingChecks, ...listingChecks, ...writingChecks]

/** Tests a source. Each check is one test. */
export function describeSource(name: string, setUp: () => Promise<SourceFixture>): void {
  describe(`${name}, like every source,`, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = new Subject(await setUp())
    }, 60_000)
    afterAll(() => subject && close(subject.fixture))
    for (const check of contractChecks) it(check.name, () => check.run(subject))
  })
}

/** The names of the checks that a source does not pass. */
export async function findBrokenPromises(fixture: SourceFixture): Promise<readonly string[]> {
  const subject = new Subject(fixture)
  const broken: string[] = []
  for (const { name, run } of contractChecks) {
    await run(subject).catch(() => broken.push(name))
  }
  await close(fixture)
  return broken
}

async function close({ source, unreachable, close: closeFixture }: SourceFixture): Promise<void> {
  await source.close?.()
  await unreachable.close?.()
  await closeFixture()
}

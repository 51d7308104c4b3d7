import { describe, expect, it } from 'vitest'
import { openRbi, openVcc, openWasabi } from './event-fed-fixture.ts'
import { openFreshdesk } from './freshdesk-fixture.ts'
import { openIntercom } from './intercom-fixture.ts'
import { openJira } from './jira-fixture.ts'
import { openOneView } from './oneview-fixture.ts'
import { openRedmine } from './redmine-fixture.ts'
import { openRt } from './rt-fixture.ts'
import { contractChecks } from './source-contract.ts'
import { type SourceFault, sourceFaults } from './source-faults.ts'
import { type SourceFixture, Subject } from './source-fixture.ts'
import { openVerifik } from './verifik-fixture.ts'
import { openZendesk } from './zendesk-fixture.ts'

// Whether the contract finds each fault in each source, event-fed ones too. That it passes without a fault is the matter of the
// contract's own tests.

const sources: readonly (readonly [name: string, open: () => Promise<SourceFixture>])[] = [
  ['OneView', openOneView],
  ['Verifik', openVerifik],
  ['VCC Live', openVcc],
  ['Wasabi', openWasabi],
  ['RBI', openRbi],
  ['Redmine', () => openRedmine()],
  ['Request Tracker', () => openRt()],
  ['Zendesk', () => openZendesk()],
  ['Jira', () => openJira()],
  ['Intercom', () => openIntercom()],
  ['Freshdesk', () => openFreshdesk()],
]

/** Whether the check passes. A fixture keeps its source, so that what the fixture writes is written by the changed one. */
async function passes(fixture: SourceFixture, { foundBy, change }: SourceFault): Promise<boolean> {
  const check = contractChecks.find(({ name }) => name === foundBy)
  if (!check) throw new Error(`There is no check "${foundBy}".`)
  Object.assign(fixture.source, change({ ...fixture.source }, fixture))
  return check.run(new Subject(fixture)).then(
    () => true,
    () => false,
  )
}

describe.each(sources)('the contract of sources finds in %s', (_, open) => {
  it('each fault that the source can have', { timeout: 300_000 }, async () => {
    const missed: string[] = []
    let tried = 0
    for (const fault of sourceFaults) {
      const fixture = await open()
      if (fault.suits?.(fixture) ?? true) {
        tried += 1
        if (await passes(fixture, fault)) missed.push(fault.fault)
      }
      await fixture.source.close?.()
      await fixture.unreachable.close?.()
      await fixture.close()
    }
    expect(missed).toEqual([])
    expect(tried).toBeGreaterThan(6)
  })
})

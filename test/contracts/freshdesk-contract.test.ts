import { openFreshdesk } from './freshdesk-fixture.ts'
import { describeSource } from './source-contract.ts'

describeSource('Freshdesk over its simulator', openFreshdesk)

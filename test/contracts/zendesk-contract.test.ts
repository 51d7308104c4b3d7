import { describeSource } from './source-contract.ts'
import { openZendesk } from './zendesk-fixture.ts'

describeSource('Zendesk over its simulator', openZendesk)

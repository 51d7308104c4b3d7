import { openJira } from './jira-fixture.ts'
import { describeSource } from './source-contract.ts'

describeSource('Jira over its simulator', () => openJira())

import { openRedmine } from './redmine-fixture.ts'
import { describeSource } from './source-contract.ts'

describeSource('Redmine over its simulator', () => openRedmine())

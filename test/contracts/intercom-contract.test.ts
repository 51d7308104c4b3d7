import { openIntercom } from './intercom-fixture.ts'
import { describeSource } from './source-contract.ts'

describeSource('Intercom over its simulator', openIntercom)

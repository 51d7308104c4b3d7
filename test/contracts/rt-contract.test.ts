import { openRt } from './rt-fixture.ts'
import { describeSource } from './source-contract.ts'

describeSource('Request Tracker over its simulator', () => openRt())

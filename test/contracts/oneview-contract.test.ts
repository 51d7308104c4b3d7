import { openOneView } from './oneview-fixture.ts'
import { describeSource } from './source-contract.ts'

describeSource('OneView over its simulator', openOneView)

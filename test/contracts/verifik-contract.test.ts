import { describeSource } from './source-contract.ts'
import { openVerifik } from './verifik-fixture.ts'

describeSource('Verifik over its simulator', openVerifik)

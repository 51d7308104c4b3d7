import { openRbi, openVcc, openWasabi } from './event-fed-fixture.ts'
import { describeSource } from './source-contract.ts'

describeSource('VCC Live over the embedded database', openVcc)
describeSource('Wasabi over the embedded database', openWasabi)
describeSource('RBI over the embedded database, with tickets of partners and its own,', openRbi)

import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'

// Loaded into a server by `node bench/profile.ts --survivors` (NODE_OPTIONS=--import): samples allocations from SIGUSR2 to the end of the
// process, and writes to the file SURVIVORS those that minor garbage collections did not free.

const bytesBetweenSamples = 8_192
const file = process.env.SURVIVORS

process.once('SIGUSR2', () => {
  const session = new Session()
  session.connect()
  session.post('HeapProfiler.startSampling', {
    samplingInterval: bytesBetweenSamples,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: false,
  })
  // A session of the own thread answers at once.
  process.once('exit', () => {
    session.post('HeapProfiler.stopSampling', (error, answer) => {
      if (error) throw error
      writeFileSync(file, JSON.stringify(answer.profile))
    })
  })
})

import { cpus } from 'node:os'
import { pageSize, wireTicket } from './tickets.ts'

/** The processor, and how fast it is just now: virtual machines of one name differ by a factor of three, from hour to hour. */
export function describeMachine(): string {
  const [first] = cpus()
  const { least, half } = timeJson()
  const speed = `${least.toFixed(2)} ms at best, ${half.toFixed(2)} ms usually`
  return `${cpus().length} × ${first?.model.trim() ?? 'CPU'} (reads and writes the JSON of a page of ${pageSize} in ${speed})`
}

function timeJson(): { readonly least: number; readonly half: number } {
  const page = JSON.stringify(Array.from({ length: pageSize }, (_, index) => wireTicket(index)))
  const times = Array.from({ length: 1_000 }, () => {
    const begun = performance.now()
    JSON.stringify(JSON.parse(page))
    return performance.now() - begun
  }).sort((a, b) => a - b)
  return { least: times[0]!, half: times[500]! }
}

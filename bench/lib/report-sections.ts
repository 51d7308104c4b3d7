import type { Report } from './report.ts'

/** The sections of what is measured beside the other servers' workloads; '' for what was not measured. */
export function toOtherSections(report: Report): string[] {
  return [toFiveSources(report), toFanOut(report), toColdStarts(report), toTicketCosts(report), toMemory(report)]
}

function toFiveSources({ fiveSources }: Report): string {
  if (!fiveSources) return ''
  const { p50, p99, perSecond, cpuMs, calls, forcedCalls, direct } = fiveSources
  const alone = direct.map(
    (one) => `| ${one.source} alone, its ${one.calls} calls | ${one.pageP50.toFixed(1)} | | | | ${one.calls} |`,
  )
  return `## W5: the latest 50 of five sources, the console's example with its threads
| | p50 ms | p99 ms | requests/s, 16 clients | CPU ms per request | upstream calls |
|---|---|---|---|---|---|
| Deskgraph | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${perSecond.toFixed(0)} | ${cpuMs.toFixed(2)} | ${calls} of ${forcedCalls} |
${alone.join('\n')}

Systems of the sandbox that take 20 ms an answer, two of them asked and three from their webhooks. Verifik's lists leave the threads
out, so that a page with them is a list and then the tickets: what it takes alone is that, without a gateway.
`
}

function toFanOut({ fanOut }: Report): string {
  if (fanOut.length === 0) return ''
  const lines = fanOut.map((row) => {
    const who = row.subscribers === 0 ? 'nobody is there' : row.teams === 1 ? 'all' : `one in ${row.teams}`
    const cells = row.subscribers === 0 ? ['', '', ''] : [row.p50, row.p99, row.max].map((ms) => ms.toFixed(1))
    const perMessage = row.subscribers === 0 ? '' : (row.cpuMsPerMessage * 1_000).toFixed(1)
    return `| ${row.storage} | ${who} | ${row.changesPerSecond.toFixed(0)} | ${row.messagesPerSecond.toFixed(0)} | ${cells.join(' | ')} | ${perMessage} | ${row.cores.toFixed(2)} | ${row.refused} | ${row.missing} |`
  })
  return `## W6: 1,000 subscribers of ticketChanged, 100 changes a second
| database | who sees a change | changes/s | messages/s | p50 ms | p99 ms | most ms | CPU µs per message | cores | refused changes | missing messages |
|---|---|---|---|---|---|---|---|---|---|---|
${lines.join('\n')}

Over WebSocket, every subscriber with a token of its own, selecting what the console's example selects; subscribers and sender are one
process with one clock. Latency is from when the webhook was sent until a subscriber had the message. The time per message is all of the
gateway's, webhooks included: what those cost alone is the line without subscribers. PGlite works in the gateway's own thread.
`
}

function toColdStarts({ coldStarts }: Report): string {
  if (coldStarts.length === 0) return ''
  const lines = coldStarts.map(
    (row) => `| ${row.storage} | ${row.empty ? 'nothing' : 'its tables'} | ${row.ms.toFixed(0)} | ${row.cpuMs.toFixed(0)} |`,
  )
  return `## Cold start, from spawn to the first right answer
| database | what was there | ms | CPU ms |
|---|---|---|---|
${lines.join('\n')}

Medians of ${coldStarts[0]!.runs}.
`
}

function toTicketCosts({ ticketCosts }: Report): string {
  if (ticketCosts.length === 0) return ''
  const lines = ticketCosts.map(
    (row) => `| ${row.tickets} | ${row.pages} | ${row.microsecondsPerTicket.toFixed(1)} | ${row.callsPerPage.toFixed(2)} |`,
  )
  return `## What a ticket costs, by how many are read
| tickets | pages, one after the other | CPU µs per ticket | upstream calls per page |
|---|---|---|---|
${lines.join('\n')}
`
}

function toMemory({ memory }: Report): string {
  if (!memory) return ''
  const { seconds, requests, heapMb, residentMb } = memory
  const minutes = (seconds / 60) * (2 / 3)
  const growth = ([first, last]: readonly [number, number]) => ((last - first) / minutes).toFixed(1)
  const line = (pair: readonly [number, number]) => `${pair.map((mb) => mb.toFixed(0)).join(' | ')} | ${growth(pair)}`
  return `## Memory under load
| MB | first third | last third | MB per minute |
|---|---|---|---|
| kept in the heap (least) | ${line(heapMb)} |
| resident (most) | ${line(residentMb)} |

W1 to W4 in turn for ${seconds.toFixed(0)} s, ${requests} requests. The heap waits for its next whole collection; \`npm run soak\` watches it for half an hour.
`
}

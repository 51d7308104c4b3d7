import { expect, it } from 'vitest'
import type { ChangeLog } from '../../src/changes/change-log.ts'
import { createChangeStream } from '../../src/changes/change-stream.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { countConnections } from '../../src/http/sse.ts'
import { createMetrics } from '../../src/observability/metrics.ts'

const emptyLog: ChangeLog = {
  read: async () => ({ changes: [], lastSeq: 0, hasMore: false }),
  bounds: async () => ({ head: 0, prunedThrough: 0 }),
  eventsOf: async () => [],
  eventsByTime: async () => [],
  departmentsOf: async (ids) => ids.map(() => null),
  latestCursor: async () => 'c0',
  findEvents: async (ids) => ids.map(() => null),
  parseCursor: () => null,
  onCommitted: () => () => {},
  shared: false,
}

it('connections of each transport and subscriptions have a gauge of their own: no writer overwrites another', async () => {
  const metrics = createMetrics()
  const sockets = countConnections(metrics, 'websocket')
  const eventStreams = countConnections(metrics, 'sse')
  const changes = createChangeStream({ changeLog: emptyLog, metrics, logger: noLogger })
  const closeSocket = sockets.enter()
  sockets.enter()
  eventStreams.enter()
  for (let subscription = 0; subscription < 4; subscription++) {
    changes.subscribe({ after: null, signal: new AbortController().signal })
  }
  closeSocket()
  closeSocket()
  const lines = (await metrics.render()).text.split('\n')
  expect(lines.filter((line) => /^deskgraph_(subscribers|live_connections)/.test(line))).toEqual([
    'deskgraph_subscribers 4',
    'deskgraph_live_connections{transport="websocket"} 1',
    'deskgraph_live_connections{transport="sse"} 1',
  ])
  changes.close()
  expect((await metrics.render()).text).toContain('deskgraph_subscribers 0')
})

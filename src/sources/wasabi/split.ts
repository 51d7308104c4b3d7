import { type Cut, createSplitter, detectLayout } from '../json-splitter.ts'
import type { RawEvent } from '../webhook-handler.ts'

const toRawEvent = ({ bytes }: Cut): RawEvent => ({ raw: bytes, eventId: null })

/**
 * Cuts a body into its records: one envelope, an array, NDJSON, or `{"tickets": […]}`. A body without any record is one
 * event, which decoding then refuses.
 */
export function splitBody(body: Buffer, isNdjson: boolean): readonly RawEvent[] {
  const { layout, start } = isNdjson ? { layout: 'lines' as const, start: 0 } : detectLayout(body)
  const splitter = createSplitter(layout, { maxBytes: Math.max(body.length, 1), offset: start })
  const cuts = [...splitter.push(body.subarray(start)), ...splitter.finish()]
  if (cuts.length > 0) return cuts.map(toRawEvent)
  return layout === 'elements' && isClosed(body) ? [] : [{ raw: body, eventId: null }]
}

/** An empty list has no records, and that is no fault. */
function isClosed(body: Buffer): boolean {
  return /^\s*(?:\[\s*\]|\{\s*"tickets"\s*:\s*\[\s*\]\s*\})\s*$/.test(body.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, ''))
}

import { DeskgraphError } from '../../src/domain/errors.ts'
import type { TicketEvent, TicketHistory } from '../../src/domain/events.ts'
import type { Range, RangePage } from '../../src/domain/page.ts'

/** One page of a ticket's history: by default its first 50 events. Rejects where the change log answers with an error. */
export async function readHistory(
  history: TicketHistory,
  ticketId: string,
  range: Partial<Range> = {},
): Promise<RangePage<TicketEvent>> {
  const part: Range = { from: 'start', size: 50, after: null, before: null, ...range }
  const [page] = await history.eventsOf([{ ticketId, part }])
  if (page === undefined || page instanceof DeskgraphError) throw page ?? new Error('There is no page.')
  return page
}

import type { SourceMode, SourceState, TicketOrder } from '../../../sources/source.ts'
import type { SourceOutcome, SourceReport } from '../../../tickets/pagination/list-tickets.ts'
import { describedEnum } from '../describe.ts'

export const SourceModeEnum = describedEnum<SourceMode>('SourceMode', "How the gateway gets at a source's tickets.", {
  PULL: 'Asked for every request.',
  EVENT_FED: 'Sends events; the gateway keeps the tickets.',
})

export const SourceStateEnum = describedEnum<SourceState>('SourceState', 'How a source has been answering lately.', {
  UP: 'Answers.',
  DEGRADED: 'Answers, with more errors or slower than it should.',
  DOWN: 'Does not answer; calls are refused at once until a probe succeeds.',
  UNKNOWN: 'It has not been called yet.',
})

export const SourceOutcomeEnum = describedEnum<SourceOutcome>('SourceOutcome', 'What one source did for one page.', {
  OK: 'Answered.',
  TIMEOUT: 'Did not answer within its deadline.',
  RATE_LIMITED: 'Refused because it was asked too often: see `retryAt`.',
  CIRCUIT_OPEN: 'Not asked: it failed repeatedly a moment ago.',
  UNAUTHENTICATED: "Refused the gateway's own credentials: for the operator, not the viewer.",
  FORBIDDEN: 'Refused this viewer.',
  ERROR: 'Failed in another way: see `error`.',
  SKIPPED: 'Was not asked: the filter cannot match anything in it, or an earlier page has read it to its end.',
})

export const OrderingEnum = describedEnum<SourceReport['ordering']>(
  'Ordering',
  "How far a source's part of a page keeps the order asked for.",
  {
    EXACT: 'Every ticket is in its place.',
    BEST_EFFORT: 'The source cannot sort so and was not read to its end: a ticket may come later than it should.',
  },
)

export const TicketOrderFieldEnum = describedEnum<TicketOrder['field']>('TicketOrderField', 'What a list is sorted by.', {
  UPDATED_AT: 'When the ticket last changed. Tickets without the time come last.',
  CREATED_AT: 'When the ticket was raised. Tickets without the time come last.',
  PRIORITY: 'URGENT, HIGH, MEDIUM, LOW. Tickets without a priority come last.',
})

export const OrderDirectionEnum = describedEnum<TicketOrder['direction']>('OrderDirection', 'Which end of a list comes first.', {
  ASC: 'Oldest or lowest first.',
  DESC: 'Newest or highest first.',
})

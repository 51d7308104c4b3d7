import { Float, Int } from 'type-graphql'
import type { SourceOutcome, SourceReport } from '../../../tickets/pagination/list-tickets.ts'
import { connectionType } from '../connection.ts'
import { Always, GraphType, Maybe } from '../describe.ts'
import { OrderingEnum, SourceOutcomeEnum } from '../enums/list-enums.ts'
import { DateTime } from '../scalars.ts'
import { SourceType } from './source.ts'
import { TicketType } from './ticket.ts'

@GraphType('SourceReport', 'What one source did for this page: whether it answered, how much it gave, and what is uncertain.')
export class SourceReportType implements Omit<SourceReport, 'cause' | 'filtersApplied' | 'source'> {
  @Always(() => SourceType, 'The source in question.')
  readonly source!: SourceType

  @Always(() => SourceOutcomeEnum, 'How it went. Anything but OK and SKIPPED comes with an error in `errors` too.')
  readonly outcome!: SourceOutcome

  @Always(() => Int, 'How many tickets of this page are from it.')
  readonly returned!: number

  @Always(() => Boolean, 'True when it has nothing further. A source that failed is not exhausted: the next page asks it again.')
  readonly exhausted!: boolean

  @Always(() => OrderingEnum, 'Whether its tickets are surely in the order asked for.')
  readonly ordering!: SourceReport['ordering']

  @Always(() => [String], 'Filter fields that were applied here because the source cannot; it was read further to find matches.')
  readonly filtersApplied!: readonly string[]

  @Always(() => Float, 'How long it took. Milliseconds.')
  readonly latencyMs!: number

  @Maybe(() => String, 'What went wrong, for people; null when all went well.')
  readonly error!: string | null

  @Maybe(() => DateTime, 'When it is worth asking again, where the source said so.')
  readonly retryAt!: string | null
}

@GraphType(
  'TicketConnection',
  'A page of tickets, merged across sources. One failed source never blanks the page: see `sources`.',
)
export class TicketConnectionType extends connectionType('Ticket', () => TicketType, 'tickets') {
  @Maybe(() => Int, 'How many tickets match over all pages; null when one of the sources cannot say.')
  readonly totalCount!: number | null

  @Always(
    () => [SourceReportType],
    'The truth about this page: who answered, who did not, and why. An empty page with failed sources is not "none".',
  )
  readonly sources!: readonly SourceReportType[]
}

import { Float, ID } from 'type-graphql'
import type { TicketAction } from '../../../domain/ticket.ts'
import type { FilterField, SourceHealth, SourceInfo, SourceMode, SourceState } from '../../../sources/source.ts'
import { Always, GraphType, Maybe } from '../describe.ts'
import { SourceModeEnum, SourceStateEnum } from '../enums/list-enums.ts'
import { TicketActionEnum } from '../enums/ticket-enums.ts'
import { DateTime } from '../scalars.ts'
import { NodeType } from './node.ts'

@GraphType('Source', 'One configured ticketing system. What the viewer may not see is not there.', NodeType)
export class SourceType implements SourceInfo {
  @Always(() => ID, 'Global id of the source.')
  readonly id!: string

  @Always(() => String, 'The key that the operator chose, e.g. "oneview": what filters and inputs call it.')
  readonly key!: string

  @Always(
    () => String,
    'Which system it is: "oneview", "verifik", "vcc", "wasabi" or "rbi". Several sources may be of one system.',
  )
  readonly system!: string

  @Always(() => String, 'A name for people.')
  readonly label!: string

  @Always(() => SourceModeEnum, 'Whether it is asked for every request or sends events.')
  readonly mode!: SourceMode

  @Always(
    () => [TicketActionEnum],
    'What this deployment can do to its tickets at all; `Ticket.actions` says it for one ticket now.',
  )
  readonly actions!: readonly TicketAction[]

  @Always(() => Boolean, 'Whether `createTicket` works with it.')
  readonly canCreate!: boolean

  @Always(
    () => [String],
    'The `TicketFilter` fields that it applies itself. Others are applied here, in bounds: see `SourceReport`.',
  )
  readonly filters!: readonly FilterField[]
}

@GraphType('SourceHealth', 'How a source has been answering lately. Measured by this process alone, over its last calls.')
export class SourceHealthType implements SourceHealth {
  @Always(() => SourceStateEnum, 'The state in one word.')
  readonly state!: SourceState

  @Maybe(() => DateTime, 'When the last call ended; null when there was none.')
  readonly checkedAt!: string | null

  @Maybe(() => Float, 'Half of the calls were faster than this. Milliseconds; null without calls.')
  readonly latencyP50Ms!: number | null

  @Maybe(() => Float, '99 of 100 calls were faster than this. Milliseconds; null without calls.')
  readonly latencyP99Ms!: number | null

  @Maybe(() => Float, 'The part of the calls that failed, from 0 to 1; null without calls.')
  readonly errorRate!: number | null

  @Maybe(
    () => String,
    'The code of the last failure, e.g. "UPSTREAM_TIMEOUT"; never the source\'s own text. null when none failed.',
  )
  readonly lastError!: string | null
}

import { InterfaceType } from 'type-graphql'
import { Always, GraphType, Maybe } from '../describe.ts'
import { OrderType } from './party.ts'

const code = "The source's code; where a source has only a label, the label."

@InterfaceType('TicketReason', {
  description: 'Why the customer made contact. The common fields need no fragment; the types add what belongs to each kind.',
})
export abstract class TicketReasonType {
  @Always(() => String, code)
  readonly code!: string

  @Maybe(() => String, 'For people.')
  readonly label!: string | null
}

@GraphType(
  'OrderReason',
  'Something went wrong with orders: wrong product, late or missed delivery, refund and so on.',
  TicketReasonType,
)
export class OrderReasonType {
  @Always(() => String, code)
  readonly code!: string

  @Maybe(() => String, 'For people, e.g. "Late delivery".')
  readonly label!: string | null

  @Always(() => [OrderType], 'The orders in question; [] when the source names none.')
  readonly orders!: readonly OrderType[]
}

@GraphType('CancellationReason', 'The customer wants to end subscriptions.', TicketReasonType)
export class CancellationReasonType {
  @Always(() => String, code)
  readonly code!: string

  @Maybe(() => String, 'For people, e.g. "Cancellation".')
  readonly label!: string | null

  @Always(() => [String], 'The contracts to end; [] when the source names none.')
  readonly subscriptionContractIds!: readonly string[]
}

@GraphType(
  'SubjectAccessRequestReason',
  'The customer asks about, or for the deletion of, their personal data.',
  TicketReasonType,
)
export class SubjectAccessRequestReasonType {
  @Always(() => String, code)
  readonly code!: string

  @Maybe(() => String, 'For people, e.g. "Subject access request".')
  readonly label!: string | null

  @Maybe(() => String, 'Which right is used, as the source says; null when it does not.')
  readonly subtype!: string | null
}

@GraphType('GeneralReason', 'Any other reason, also one of a kind that this graph does not know.', TicketReasonType)
export class GeneralReasonType {
  @Always(() => String, code)
  readonly code!: string

  @Maybe(() => String, 'For people.')
  readonly label!: string | null

  @Maybe(() => String, "The label in the market's own language (OneView: localCcr); null when there is none.")
  readonly localLabel!: string | null
}

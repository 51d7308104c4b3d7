import { ID, Int } from 'type-graphql'
import type { ContactReason, EscalationDepartment, TransferQueue } from '../../../sources/source.ts'
import { Always, GraphType, Maybe } from '../describe.ts'
import { EmailAddress } from '../scalars.ts'

@GraphType('Viewer', 'Who is asking, by the verified token.')
export class ViewerType {
  @Always(() => ID, 'The subject of the token; "anonymous" when the gateway runs without sign-in.')
  readonly id!: string

  @Maybe(
    () => EmailAddress,
    'The identity that goes to the sources as the acting agent; null when the token has none that is an e-mail address.',
  )
  readonly email!: string | null

  @Maybe(() => String, 'Name, when the token has one.')
  readonly name!: string | null

  @Always(() => [String], 'Everything this viewer may do, sorted, e.g. ["source:*", "tickets:read"].')
  readonly scopes!: readonly string[]
}

@GraphType('EscalationDepartment', 'A department that tickets of a source can be escalated to.')
export class EscalationDepartmentType implements EscalationDepartment {
  @Always(() => ID, 'What `EscalateTicketInput.department` wants, e.g. "partner-service". An id of the source, not a global one.')
  readonly id!: string

  @Always(() => String, 'For people.')
  readonly label!: string
}

@GraphType('TransferQueue', 'A queue that tickets of a source can be transferred to.')
export class TransferQueueType implements TransferQueue {
  @Always(() => ID, 'What `TransferTicketInput.queueId` wants. An id of the source, not a global one.')
  readonly id!: string

  @Always(() => String, 'Name. `Ticket.queue` may order its parts differently ("chat-sg-en", "chat-eng-sg").')
  readonly name!: string

  @Maybe(() => String, 'The language that its agents speak, as the source writes it.')
  readonly language!: string | null
}

@GraphType('ContactReason', "One contact reason of a source's tree.")
export class ContactReasonType implements ContactReason {
  @Always(() => String, 'What `UpdateTicketInput.contactReasonCode` wants, e.g. "1A.1".')
  readonly code!: string

  @Always(() => String, 'For people.')
  readonly label!: string

  @Maybe(() => String, 'Language of the label, as the source writes it.')
  readonly language!: string | null

  @Always(() => Int, 'Its depth in the tree: 1 is the widest.')
  readonly level!: number

  @Always(() => [ContactReasonType], 'From the widest to the nearest; [] at level 1.')
  readonly parents!: readonly ContactReasonType[]
}

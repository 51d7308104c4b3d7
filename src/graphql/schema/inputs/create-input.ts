import { Float } from 'type-graphql'
import type { TicketPriority } from '../../../domain/ticket.ts'
import type { AttachmentDraft, CreateTicket } from '../../../domain/writes.ts'
import { Always, GraphInput, Maybe } from '../describe.ts'
import { TicketPriorityEnum } from '../enums/ticket-enums.ts'
import { DateTime, EmailAddress, UrlText } from '../scalars.ts'
import { idempotencyKey } from './idempotency-key.ts'

@GraphInput('CustomerInput', 'Who needs help, for a new ticket.')
export class CustomerInput {
  @Maybe(() => String, "The customer's id in the source, when it is known.")
  externalId?: string | null

  @Maybe(() => String, 'Full name.')
  name?: string | null

  @Maybe(() => EmailAddress, 'E-mail address.')
  email?: string | null

  @Maybe(() => String, 'Telephone number, in any notation.')
  phone?: string | null
}

@GraphInput('OrderInput', 'The order that a new ticket is about.')
export class OrderInput {
  @Always(() => String, "The order's id in its own system.")
  externalId!: string

  @Maybe(() => DateTime, 'When it was placed. Routing needs it: a STORE ticket without it goes to GENERAL.')
  placedAt?: string | null
}

@GraphInput('AttachmentInput', 'A file for a new ticket, by its address; the gateway does not carry files.')
export class AttachmentInput implements AttachmentDraft {
  @Always(() => String, 'File name with its extension.')
  filename!: string

  @Always(() => UrlText, 'Where the source can fetch it.')
  url!: string

  @Maybe(() => Float, 'Bytes.')
  size?: number | null

  @Maybe(() => String, 'Media type, e.g. "image/png".')
  contentType?: string | null
}

@GraphInput(
  'CreateTicketInput',
  'A new ticket. What a source does not use is refused as INVALID or ignored, as its documentation says.',
)
export class CreateTicketInput implements CreateTicket {
  @Always(() => String, 'Key of the source that it is raised in; one with `canCreate`.')
  source!: string

  @Maybe(() => String, 'The market, for a routed source (rbi) with more than one, e.g. "plk-eu".')
  market?: string | null

  @Maybe(() => String, 'One line. Required by Verifik.')
  title?: string | null

  @Maybe(() => String, 'The full text. Required by Verifik; the comments of a routed ticket.')
  description?: string | null

  @Maybe(() => TicketPriorityEnum, 'How urgent. Required by Verifik.')
  priority?: TicketPriority | null

  @Maybe(() => String, "The source's category code; for a routed source the key of the category group.")
  category?: string | null

  @Maybe(() => String, 'Key of the sub-category, for a routed source.')
  subcategory?: string | null

  @Maybe(() => [String], 'Tags to begin with; ignored by sources that have none.')
  tags?: string[] | null

  @Maybe(() => CustomerInput, 'Who needs help.')
  customer?: CustomerInput | null

  @Maybe(() => String, 'Id of the store, for a routed source: STORE tickets go to its partner.')
  storeId?: string | null

  @Maybe(() => OrderInput, 'The order that it is about.')
  order?: OrderInput | null

  @Maybe(() => [AttachmentInput], 'Files.')
  attachments?: AttachmentInput[] | null

  @Maybe(() => String, idempotencyKey)
  idempotencyKey?: string | null
}

import { Field, Float, ID, InputType } from 'type-graphql'
import type { TicketPriority } from '../../domain/ticket.ts'
import type { AttachmentDraft, CreateTicket, CustomFieldDraft } from '../../domain/writes.ts'
import { DateTime, Json, UrlText } from './scalars.ts'
import { TicketPriorityEnum } from './ticket-enums.ts'

/** The description of `idempotencyKey` in every input of a mutation. */
export const idempotencyKey =
  'Idempotency key: any text of yours, e.g. a UUID per click. The same key with the same input returns the stored result and sends nothing; while the first request runs, the second waits for it. With another input it is a CONFLICT.'

@InputType('CustomerInput', { description: 'The customer of a new ticket.' })
export class CustomerInput {
  @Field(() => String, { nullable: true, description: 'The id of the customer in the source; null when it is not known.' })
  externalId?: string | null

  @Field(() => String, { nullable: true, description: 'Full name.' })
  name?: string | null

  @Field(() => String, { nullable: true, description: 'E-mail address. One that is not valid is a user error of this field.' })
  email?: string | null

  @Field(() => String, { nullable: true, description: 'Phone number, in any format.' })
  phone?: string | null
}

@InputType('OrderInput', { description: 'The order that a new ticket is about.' })
export class OrderInput {
  @Field(() => String, { description: 'The id in the order system.' })
  externalId!: string

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the order was placed. Routing needs it: without it a STORE ticket is routed as GENERAL.',
  })
  placedAt?: string | null
}

@InputType('CustomFieldInput', { description: 'A new value of a custom field.' })
export class CustomFieldInput implements CustomFieldDraft {
  @Field(() => String, { description: 'Key of the field in its source. Each key once.' })
  key!: string

  @Field(() => Json, { nullable: true, description: 'The value, in the form of the type of the field; null empties it.' })
  value?: unknown
}

@InputType('AttachmentInput', {
  description: 'A file of a new ticket or message: by its address, or by an upload. A source takes one of the two, or no files.',
})
export class AttachmentInput implements AttachmentDraft {
  @Field(() => String, { description: 'File name with its extension.' })
  filename!: string

  @Field(() => UrlText, { nullable: true, description: 'Address from which the source can download the file.' })
  url?: string | null

  @Field(() => ID, { nullable: true, description: 'Id of an upload to this source.' })
  uploadId?: string | null

  @Field(() => Float, { nullable: true, description: 'Size in bytes.' })
  size?: number | null

  @Field(() => String, { nullable: true, description: 'Media type, e.g. "image/png".' })
  contentType?: string | null
}

@InputType('CreateTicketInput', {
  description: 'A new ticket. A field that the source does not take is refused as NOT_SUPPORTED.',
})
export class CreateTicketInput implements CreateTicket {
  @Field(() => String, { description: 'Key of the source that gets the ticket. The source must have `canCreate`.' })
  source!: string

  @Field(() => String, {
    nullable: true,
    description: 'Market, e.g. "plk-eu". Only for a routed source (rbi) with several markets.',
  })
  market?: string | null

  @Field(() => String, { nullable: true, description: 'Queue of the ticket: a key of `transferQueues`.' })
  queue?: string | null

  @Field(() => String, { nullable: true, description: "Kind of the ticket: a key of the source's own kinds." })
  type?: string | null

  @Field(() => String, { nullable: true, description: 'Title in one line. Verifik requires it.' })
  title?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Full text of the request. Verifik requires it; a routed source sends it as the comments.',
  })
  description?: string | null

  @Field(() => TicketPriorityEnum, { nullable: true, description: 'How urgent the ticket is. Verifik requires it.' })
  priority?: TicketPriority | null

  @Field(() => String, {
    nullable: true,
    description: "The source's category code; for a routed source, the key of the category group.",
  })
  category?: string | null

  @Field(() => String, { nullable: true, description: 'Key of the sub-category. Only for a routed source.' })
  subcategory?: string | null

  @Field(() => [String], { nullable: true, description: 'The tags of the ticket.' })
  tags?: string[] | null

  @Field(() => CustomerInput, { nullable: true, description: 'The customer who needs help.' })
  customer?: CustomerInput | null

  @Field(() => String, {
    nullable: true,
    description: "Id of the store. Only for a routed source: it routes a STORE ticket to the store's partner.",
  })
  storeId?: string | null

  @Field(() => OrderInput, { nullable: true, description: 'The order in question.' })
  order?: OrderInput | null

  @Field(() => [CustomFieldInput], { nullable: true, description: 'Values of custom fields.' })
  customFields?: CustomFieldInput[] | null

  @Field(() => [AttachmentInput], { nullable: true, description: 'Files of the ticket.' })
  attachments?: AttachmentInput[] | null

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null
}

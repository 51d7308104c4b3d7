import { Float, ID, Int } from 'type-graphql'
import type { Actor, ActorKind, Attachment, MessageVisibility, ThreadMessage } from '../../../domain/ticket.ts'
import { connectionType } from '../connection.ts'
import { Always, GraphType, Maybe } from '../describe.ts'
import { ActorKindEnum, MessageVisibilityEnum } from '../enums/ticket-enums.ts'
import { DateTime, UrlText } from '../scalars.ts'
import { NodeType } from './node.ts'

@GraphType('Actor', 'Who did something. A person, a program, or a partner.')
export class ActorType implements Actor {
  @Always(() => ActorKindEnum, 'What sort of party.')
  readonly kind!: ActorKind

  @Maybe(() => ID, "The party's id in its source; null when only a name is known, or nothing.")
  readonly id!: string | null

  @Maybe(() => String, "Name; null when the source gives only an id. A customer's name needs the scope `customers:pii`.")
  readonly name!: string | null
}

@GraphType('Attachment', 'A file that belongs to a ticket or a message. The gateway passes its address on and never the file.')
export class AttachmentType implements Attachment {
  @Always(() => String, 'File name with its extension.')
  readonly filename!: string

  @Maybe(() => UrlText, 'Where the source serves it; it may ask for its own sign-in. null when the source gives no address.')
  readonly url!: string | null

  @Maybe(() => Float, 'Bytes; null when the source does not say.')
  readonly size!: number | null

  @Maybe(() => String, 'Media type, e.g. "image/png"; null when the source does not say.')
  readonly contentType!: string | null
}

@GraphType('ThreadMessage', "One message of a ticket's conversation.", NodeType)
export class ThreadMessageType implements ThreadMessage {
  @Always(() => ID, "Global id. Where a source numbers no messages it is made of the ticket and the message's place.")
  readonly id!: string

  @Maybe(() => ActorType, 'Who wrote it; null when the source does not say.')
  readonly author!: ActorType | null

  @Always(() => String, 'The text as it was written. Treat it as untrusted: it may hold mark-up.')
  readonly body!: string

  @Always(() => MessageVisibilityEnum, 'Who may see it. INTERNAL when the source does not say.')
  readonly visibility!: MessageVisibility

  @Maybe(() => DateTime, 'When it was written.')
  readonly createdAt!: string | null

  @Maybe(() => [AttachmentType], 'Files of this message; null when the source hangs files on the ticket alone.')
  readonly attachments!: readonly AttachmentType[] | null
}

@GraphType('ThreadMessageConnection', 'A page of messages, oldest first.')
export class ThreadMessageConnectionType extends connectionType('ThreadMessage', () => ThreadMessageType, 'messages') {
  @Maybe(() => Int, 'How many messages the ticket has in all.')
  readonly totalCount!: number | null
}

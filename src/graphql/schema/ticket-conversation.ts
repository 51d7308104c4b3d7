import { Args, Ctx, Extensions, Field, FieldResolver, ID, Int, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import type { Range } from '../../domain/page.ts'
import { toPlainText } from '../../domain/plain-text.ts'
import type { Attachment, MessageFormat, MessageVisibility, ThreadMessage, Ticket } from '../../domain/ticket.ts'
import type { GraphContext } from '../context.ts'
import { ActorType } from './actor.ts'
import { AttachmentType } from './attachment.ts'
import { connectionType, rangeToConnection } from './connection.ts'
import { enumOf } from './enum-of.ts'
import { withFullTicket } from './lazy-fields.ts'
import { NodeType, TimelineEntryType } from './node.ts'
import { RangeArgs, rangeOfList, toRange } from './paging.ts'
import { DateTime } from './scalars.ts'
import { TicketType } from './ticket.ts'

const visibilityValues: Record<MessageVisibility, { description: string }> = {
  PUBLIC: { description: 'The customer sees the message.' },
  INTERNAL: { description: 'Only agents see the message.' },
}
export const MessageVisibilityEnum = enumOf(visibilityValues)
registerEnumType(MessageVisibilityEnum, {
  name: 'MessageVisibility',
  description:
    'The audience of a message. When a source does not tell, it is INTERNAL, so that no internal note is shown to a customer.',
  valuesConfig: visibilityValues,
})

const formatValues: Record<MessageFormat, { description: string }> = {
  TEXT: { description: 'Plain text.' },
  HTML: { description: 'HTML. It is untrusted: clean it before you show it, or show `text`.' },
  MARKDOWN: { description: 'Markdown or a markup like it.' },
  OTHER: { description: 'Another markup.' },
}
export const MessageFormatEnum = enumOf(formatValues)
registerEnumType(MessageFormatEnum, {
  name: 'MessageFormat',
  description: 'The markup of a message.',
  valuesConfig: formatValues,
})

@ObjectType('ThreadMessage', {
  description: "A message in a ticket's conversation.",
  implements: [NodeType, TimelineEntryType],
  simpleResolvers: true,
})
export class ThreadMessageType implements ThreadMessage {
  @Field(() => ID, {
    description: 'Global id. For a source without message ids, it is made of the ticket and the position of the message.',
  })
  readonly id!: string

  @Field(() => ActorType, { nullable: true, description: 'The author of the message; null when the source does not tell.' })
  readonly author!: ActorType | null

  @Field(() => String, {
    description: 'The message as its source has it, in `format`. It is untrusted: escape or clean it before you show it.',
  })
  readonly body!: string

  @Field(() => MessageFormatEnum, { description: 'The markup of `body`.' })
  readonly format!: MessageFormat

  @Field(() => MessageVisibilityEnum, { description: 'The audience of the message; INTERNAL when the source does not tell.' })
  readonly visibility!: MessageVisibility

  @Field(() => DateTime, { nullable: true, description: 'When the message was written; null when the source does not tell.' })
  readonly createdAt!: string | null

  @Field(() => [AttachmentType], {
    nullable: true,
    description: 'Files of the message; null when the source has files only on the ticket.',
  })
  readonly attachments!: readonly Attachment[] | null
}

@ObjectType('ThreadMessageConnection', { description: 'A page of messages, oldest first.', simpleResolvers: true })
export class ThreadMessageConnectionType extends connectionType('ThreadMessage', () => ThreadMessageType, 'messages') {
  @Field(() => Int, { nullable: true, description: 'Number of messages of the ticket, over all pages.' })
  readonly totalCount!: number | null
}

@Resolver(() => ThreadMessageType)
export class ThreadMessageResolver {
  @FieldResolver(() => DateTime, { nullable: true, description: 'The same as `createdAt`: its place in a timeline.' })
  at(@Root() message: ThreadMessage): string | null {
    return message.createdAt
  }

  @FieldResolver(() => String, { description: 'The message as plain text, for search and previews. It is untrusted: escape it.' })
  text(@Root() { body, format }: ThreadMessage): string {
    return toPlainText(body, format)
  }
}

@Resolver(() => TicketType)
export class TicketConversationResolver {
  @Extensions({ ticketProperty: 'messages', cost: { page: 50 } })
  @FieldResolver(() => ThreadMessageConnectionType, {
    nullable: true,
    description:
      'The conversation, oldest message first; by default its first 50 messages. null when the source does not offer it. In a list, Verifik needs one more call per ticket for it.',
  })
  threads(@Root() ticket: Ticket, @Args(() => RangeArgs) args: RangeArgs, @Ctx() context: GraphContext) {
    const range = toRange(args, context.services.maxPageSize, { from: 'start', size: 50 })
    return withFullTicket(context, ticket, 'messages', (messages) => messages && toThreads(messages, range))
  }
}

function toThreads(messages: readonly ThreadMessage[], range: Range) {
  return { ...rangeToConnection(rangeOfList(messages, range)), totalCount: messages.length }
}

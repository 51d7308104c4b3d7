import { Ctx, Field, FieldResolver, Float, ID, ObjectType, Resolver, Root } from 'type-graphql'
import type { Attachment } from '../../domain/ticket.ts'
import type { GraphContext } from '../context.ts'
import { DateTime, UrlText } from './scalars.ts'

@ObjectType('Attachment', {
  description: 'A file of a ticket or a message. The gateway passes it on and never stores it.',
  simpleResolvers: true,
})
export class AttachmentType implements Pick<Attachment, 'id' | 'filename' | 'size' | 'contentType'> {
  @Field(() => ID, { description: 'Global id, for client caches. `node` cannot read it.' })
  readonly id!: string

  @Field(() => String, { description: 'File name with its extension.' })
  readonly filename!: string

  @Field(() => Float, { nullable: true, description: 'Size in bytes; null when the source does not tell.' })
  readonly size!: number | null

  @Field(() => String, { nullable: true, description: 'Media type, e.g. "image/png"; null when the source does not tell.' })
  readonly contentType!: string | null
}

/** Where the gateway passes the file on, the address is its own. It differs by viewer and time, and is therefore no part of a cached ticket. */
@Resolver(() => AttachmentType)
export class AttachmentResolver {
  @FieldResolver(() => UrlText, {
    nullable: true,
    description:
      'Download address; null when the source gives none. It is an address of the gateway where the gateway passes the file on: it needs no token, and is a secret. See `requiresAuth` and `expiresAt`.',
  })
  url(@Root() attachment: Attachment, @Ctx() context: GraphContext): string | null {
    return addressOf(attachment, context)?.url ?? attachment.url
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description: 'When `url` stops working: read the ticket again for a new one. null when the source does not tell.',
  })
  expiresAt(@Root() attachment: Attachment, @Ctx() context: GraphContext): string | null {
    return addressOf(attachment, context)?.expiresAt ?? attachment.expiresAt
  }

  @FieldResolver(() => Boolean, {
    description: 'True when `url` asks for a sign-in at the source, so that a browser cannot show the file by itself.',
  })
  requiresAuth(@Root() attachment: Attachment, @Ctx() context: GraphContext): boolean {
    return addressOf(attachment, context) === null && attachment.requiresAuth
  }
}

function addressOf(attachment: Attachment, context: GraphContext) {
  const { services, viewer } = context
  return context.once(`file ${attachment.id}`, () => services.files.addressOf(attachment, viewer))
}

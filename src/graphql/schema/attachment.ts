import { Field, Float, ID, ObjectType } from 'type-graphql'
import type { Attachment } from '../../domain/ticket.ts'
import { DateTime, UrlText } from './scalars.ts'

@ObjectType('Attachment', {
  description: 'A file of a ticket or a message. The gateway passes its address on and never the file itself.',
  simpleResolvers: true,
})
export class AttachmentType implements Attachment {
  @Field(() => ID, { description: 'Global id, for client caches. `node` cannot read it.' })
  readonly id!: string

  @Field(() => String, { description: 'File name with its extension.' })
  readonly filename!: string

  @Field(() => UrlText, {
    nullable: true,
    description: 'Download address at the source; null when the source gives none. See `requiresAuth` and `expiresAt`.',
  })
  readonly url!: string | null

  @Field(() => Float, { nullable: true, description: 'Size in bytes; null when the source does not tell.' })
  readonly size!: number | null

  @Field(() => String, { nullable: true, description: 'Media type, e.g. "image/png"; null when the source does not tell.' })
  readonly contentType!: string | null

  @Field(() => DateTime, {
    nullable: true,
    description: 'When `url` stops working: read the ticket again for a new one. null when the source does not tell.',
  })
  readonly expiresAt!: string | null

  @Field(() => Boolean, {
    description: 'True when `url` asks for a sign-in at the source, so that a browser cannot show the file by itself.',
  })
  readonly requiresAuth!: boolean
}

import { Field, Float, ObjectType } from 'type-graphql'
import type { Attachment } from '../../domain/ticket.ts'
import { UrlText } from './scalars.ts'

@ObjectType('Attachment', {
  description: 'A file of a ticket or a message. The gateway passes its address on and never the file itself.',
  simpleResolvers: true,
})
export class AttachmentType implements Attachment {
  @Field(() => String, { description: 'File name with its extension.' })
  readonly filename!: string

  @Field(() => UrlText, {
    nullable: true,
    description: 'Download address at the source, which may need its own sign-in; null when the source gives none.',
  })
  readonly url!: string | null

  @Field(() => Float, { nullable: true, description: 'Size in bytes; null when the source does not tell.' })
  readonly size!: number | null

  @Field(() => String, { nullable: true, description: 'Media type, e.g. "image/png"; null when the source does not tell.' })
  readonly contentType!: string | null
}

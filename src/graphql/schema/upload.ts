import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Ctx, Extensions, Field, Float, ID, Info, InputType, Mutation, ObjectType, Resolver } from 'type-graphql'
import type { CreateUpload, UploadPayload } from '../../tickets/uploads.ts'
import type { GraphContext } from '../context.ts'
import { keepFailure } from '../source-errors.ts'
import { DateTime, UrlText } from './scalars.ts'
import { UserErrorType } from './ticket-payload.ts'

@InputType('CreateUploadInput', { description: 'A file that will be sent to a source.' })
export class CreateUploadInput implements CreateUpload {
  @Field(() => String, { description: 'Key of a source whose `capabilities.attachments` is UPLOAD.' })
  source!: string

  @Field(() => ID, { nullable: true, description: 'Global id of the only ticket that the file is for; null: any of the source.' })
  ticket?: string | null

  @Field(() => String, { description: 'File name with its extension.' })
  filename!: string

  @Field(() => Float, { nullable: true, description: 'Size in bytes. When it is given, exactly this many must be sent.' })
  size?: number | null

  @Field(() => String, { nullable: true, description: 'Media type, e.g. "image/png".' })
  contentType?: string | null
}

@ObjectType('Upload', { description: 'An address that takes the bytes of one file.', simpleResolvers: true })
export class UploadType {
  @Field(() => ID, { description: 'Names the file in `AttachmentInput.uploadId`, after its bytes were sent.' })
  readonly uploadId!: string

  @Field(() => UrlText, {
    description: 'Send the bytes here by one HTTP PUT, without a token. 204: the source has the file. The address is a secret.',
  })
  readonly url!: string

  @Field(() => DateTime, { description: 'When `url` stops working.' })
  readonly expiresAt!: string
}

@ObjectType('UploadPayload', { description: 'The result of `createUpload`.', simpleResolvers: true })
export class UploadPayloadType {
  @Field(() => UploadType, { nullable: true, description: 'Where to send the file; null after a refusal.' })
  readonly upload!: UploadType | null

  @Field(() => [UserErrorType], { description: 'Why there is no address; [] when there is one.' })
  readonly userErrors!: readonly UserErrorType[]
}

@Resolver()
export class UploadMutations {
  @Extensions({ permission: { scopes: ['tickets:write'], otherwise: 'forbid' } })
  @Mutation(() => UploadPayloadType, {
    nullable: true,
    description:
      'Prepares the upload of one file to a source. Send its bytes to `upload.url`, then name `uploadId` in the attachments of a write. NOT_SUPPORTED for a source that takes no uploads.',
  })
  async createUpload(
    @Arg('input', () => CreateUploadInput, { description: 'The file.' }) input: CreateUploadInput,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<UploadPayload> {
    const payload = await context.services.uploads.create({ ...input }, context.sources, context.viewer)
    if (payload.failure) keepFailure(context, info, payload.failure)
    return payload
  }
}

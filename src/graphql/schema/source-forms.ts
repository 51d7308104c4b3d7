import { Args, ArgsType, Ctx, Extensions, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql'
import type { CustomFieldType } from '../../domain/ticket.ts'
import type { CustomFieldDefinition, FormField, FormOption, SourceInfo } from '../../sources/source.ts'
import type { GraphContext } from '../context.ts'
import { CustomFieldTypeEnum } from './custom-field.ts'
import { readLookup } from './lookup.ts'
import { SourceType } from './source.ts'

// What a form for a new ticket or for custom fields is drawn from.

@ObjectType('FormOption', { description: 'A value that a field accepts.', simpleResolvers: true })
export class FormOptionType implements FormOption {
  @Field(() => String, { description: 'The value to send.' })
  readonly key!: string

  @Field(() => String, { description: 'Display name.' })
  readonly label!: string

  @Field(() => String, {
    nullable: true,
    description: 'Offer the option only when the field `FormField.dependsOn` has this value; null: always.',
  })
  readonly parent!: string | null
}

@ObjectType('FormField', { description: 'A field of the form for a new ticket.', simpleResolvers: true })
export class FormFieldType implements FormField {
  @Field(() => String, {
    description:
      'A field of `CreateTicketInput`, e.g. "title"; else the key of a custom field, for `CreateTicketInput.customFields`.',
  })
  readonly key!: string

  @Field(() => String, { description: 'Display name.' })
  readonly label!: string

  @Field(() => CustomFieldTypeEnum, { description: 'The form of the value.' })
  readonly type!: CustomFieldType

  @Field(() => Boolean, { description: 'True when the source refuses a ticket without it.' })
  readonly required!: boolean

  @Field(() => [FormOptionType], { nullable: true, description: 'The values that it accepts; null: any value of its type.' })
  readonly options!: readonly FormOptionType[] | null

  @Field(() => String, {
    nullable: true,
    description: 'Key of the field whose value decides which options there are: see `FormOption.parent`. null: none.',
  })
  readonly dependsOn!: string | null
}

@ObjectType('CustomFieldDefinition', {
  description: 'A field that an installation of a source has added: what it accepts, and whether it can be written.',
  simpleResolvers: true,
})
export class CustomFieldDefinitionType implements CustomFieldDefinition {
  @Field(() => String, { description: 'The key in `Ticket.customFields` and inputs.' })
  readonly key!: string

  @Field(() => String, { description: 'Display name.' })
  readonly label!: string

  @Field(() => CustomFieldTypeEnum, { description: 'The form of the value.' })
  readonly type!: CustomFieldType

  @Field(() => Boolean, { description: 'True when a ticket has to have a value.' })
  readonly required!: boolean

  @Field(() => Boolean, { description: 'False when the source computes the value or this deployment cannot change it.' })
  readonly writable!: boolean

  @Field(() => [FormOptionType], { nullable: true, description: 'The values that it accepts; null: any value of its type.' })
  readonly options!: readonly FormOptionType[] | null
}

@ArgsType()
export class CustomFieldDefinitionArgs {
  @Field(() => String, {
    nullable: true,
    description: 'Only what holds in this queue: `TransferQueue.key`. null: not chosen yet.',
  })
  queue?: string | null

  @Field(() => String, { nullable: true, description: 'Only what holds for tickets of this type; null: not chosen yet.' })
  type?: string | null
}

@ArgsType()
export class CreateFormArgs extends CustomFieldDefinitionArgs {
  @Field(() => String, { nullable: true, description: 'Market, for a routed source with several; null: not chosen yet.' })
  market?: string | null
}

@Resolver(() => SourceType)
export class SourceFormsResolver {
  @Extensions({ cost: { calls: 1 } })
  @FieldResolver(() => [FormFieldType], {
    nullable: true,
    description: 'What `createTicket` needs and takes here, in the order of the form. null when the source creates no tickets.',
  })
  createForm(@Root() source: SourceInfo, @Args(() => CreateFormArgs) args: CreateFormArgs, @Ctx() context: GraphContext) {
    const request = { queue: args.queue ?? null, type: args.type ?? null, market: args.market ?? null }
    return readLookup(context, source, 'createForm', request, (list) => list(request, context.call))
  }

  @Extensions({ cost: { calls: 1 } })
  @FieldResolver(() => [CustomFieldDefinitionType], {
    nullable: true,
    description: 'The fields that this installation has added. null when the source has none.',
  })
  customFieldDefinitions(
    @Root() source: SourceInfo,
    @Args(() => CustomFieldDefinitionArgs) args: CustomFieldDefinitionArgs,
    @Ctx() context: GraphContext,
  ) {
    const request = { queue: args.queue ?? null, type: args.type ?? null }
    return readLookup(context, source, 'customFieldDefinitions', request, (list) => list(request, context.call))
  }
}

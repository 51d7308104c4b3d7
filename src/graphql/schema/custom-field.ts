import { Ctx, Extensions, Field, FieldResolver, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import { may } from '../../domain/permissions.ts'
import type { CustomField, CustomFieldType, Ticket } from '../../domain/ticket.ts'
import type { GraphContext } from '../context.ts'
import { enumOf } from './enum-of.ts'
import { withFullTicket } from './lazy-fields.ts'
import { Json } from './scalars.ts'
import { TicketType } from './ticket.ts'

const typeValues: Record<CustomFieldType, { description: string }> = {
  TEXT: { description: 'Text of any length.' },
  NUMBER: { description: 'A number.' },
  BOOLEAN: { description: 'true or false.' },
  DATE: { description: 'A day, as "2024-02-15".' },
  DATETIME: { description: 'A point in time, as `DateTime`.' },
  CHOICE: { description: 'The key of one option.' },
  CHOICES: { description: 'A list of keys of options.' },
  USER: { description: 'The id of an agent or customer in the source.' },
  OTHER: { description: 'Another type: show `CustomField.text`.' },
}
export const CustomFieldTypeEnum = enumOf(typeValues)
registerEnumType(CustomFieldTypeEnum, {
  name: 'CustomFieldType',
  description: 'The form of the value of a custom field or a form field.',
  valuesConfig: typeValues,
})

@ObjectType('CustomField', {
  description: "A field that an installation of a source has added to the source's own, with its value on one ticket.",
  simpleResolvers: true,
})
export class CustomFieldObject implements CustomField {
  @Field(() => String, { description: 'The key in the source, as in `Source.customFieldDefinitions` and inputs.' })
  readonly key!: string

  @Field(() => String, { nullable: true, description: 'Display name; null when the source does not tell.' })
  readonly label!: string | null

  @Field(() => CustomFieldTypeEnum, { description: 'The form of `value`.' })
  readonly type!: CustomFieldType

  @Field(() => Json, { nullable: true, description: 'The value in the form of `type`; null when it is not set.' })
  readonly value!: unknown

  @Field(() => String, { nullable: true, description: 'The value as people read it; null when it is not set.' })
  readonly text!: string | null
}

@Resolver(() => TicketType)
export class CustomFieldsResolver {
  @Extensions({ ticketProperty: 'customFields' })
  @FieldResolver(() => [CustomFieldObject], {
    nullable: true,
    description:
      'The fields that this installation of the source has added; null when the source has none. Without the scope `customers:pii` only those that the operator lists under `publicFields`, and the response has `extensions.redacted`.',
  })
  customFields(@Root() ticket: Ticket, @Ctx() context: GraphContext) {
    return withFullTicket(context, ticket, 'customFields', (fields) => fields && visibleFields(fields, ticket, context))
  }
}

/** People write personal data into custom fields, so a viewer without the right sees only those that the operator has named. */
function visibleFields(fields: readonly CustomField[], { source }: Ticket, context: GraphContext): readonly CustomField[] {
  if (may(context.viewer, 'customers:pii')) return fields
  const publicKeys = context.services.publicFields?.[source.key] ?? []
  const visible = fields.filter(({ key }) => publicKeys.includes(key))
  if (visible.length < fields.length) context.redacted.add('customers:pii')
  return visible
}

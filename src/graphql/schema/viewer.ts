import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql'
import type { GraphContext } from '../context.ts'
import { EmailAddress } from './scalars.ts'

@ObjectType('Viewer', {
  description: 'The person or service that makes the request, as the verified token names them.',
  simpleResolvers: true,
})
export class ViewerType {
  @Field(() => String, {
    description: 'Subject of the token, which names the viewer; "anonymous" when the gateway runs without authentication.',
  })
  readonly key!: string

  @Field(() => EmailAddress, {
    nullable: true,
    description:
      'The e-mail address that the gateway sends to the sources as the acting agent; null when the token has no valid one.',
  })
  readonly email!: string | null

  @Field(() => String, { nullable: true, description: 'Name; null when the token has none.' })
  readonly name!: string | null

  @Field(() => [String], { description: 'Scopes that the token grants, sorted, e.g. ["source:*", "tickets:read"].' })
  readonly scopes!: readonly string[]
}

@Resolver()
export class ViewerQueries {
  @Query(() => ViewerType, { description: 'The viewer who makes this request, with their scopes. Needs no scope.' })
  viewer(@Ctx() { viewer }: GraphContext): ViewerType {
    const { id, email, name, scopes } = viewer
    return { key: id, email, name, scopes: [...scopes].sort() }
  }
}

import { type ClassType, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { decodeId } from '../../domain/ids.ts'
import type { GraphContext } from '../context.ts'
import { SourceType } from './source.ts'

/** The resolver of the field `source` of a type whose objects belong to a source and name it in their global id only. */
export function sourceOfPart(type: ClassType<object>, description: string): new () => object {
  @Resolver(() => type)
  class SourceOfPartResolver {
    @FieldResolver(() => SourceType, { description })
    source(@Root() part: { readonly id: string }, @Ctx() context: GraphContext) {
      const key = decodeId(part.id)?.sourceKey ?? ''
      return context.sources.get(key)?.info
    }
  }
  return SourceOfPartResolver
}

import { type ClassType, Field, ObjectType } from 'type-graphql'
import type { Page, RangePage } from '../../domain/page.ts'

@ObjectType('PageInfo', {
  description: 'The position of a page in its list (Relay connection specification).',
  simpleResolvers: true,
})
export class PageInfoType {
  @Field(() => Boolean, { description: 'True when more items follow. Ask for them with `after: endCursor`.' })
  readonly hasNextPage!: boolean

  @Field(() => Boolean, { description: 'True when items come before this page.' })
  readonly hasPreviousPage!: boolean

  @Field(() => String, { nullable: true, description: 'Cursor of the first item; null when the page is empty.' })
  readonly startCursor!: string | null

  @Field(() => String, {
    nullable: true,
    description:
      'Cursor of the end of this page: pass it as `after` to get the next page. An empty page has one when other pages follow; else it is null there.',
  })
  readonly endCursor!: string | null
}

export interface Edge<T> {
  readonly cursor: string
  readonly node: T
}

/** The value behind a connection type. */
export interface Connection<T> {
  readonly edges: readonly Edge<T>[]
  readonly nodes: readonly T[]
  readonly pageInfo: PageInfoType
}

/** The generic base class of a connection, with its edge type (type-graphql's "generic types"). `plural` names the items. */
export function connectionType<T extends object>(name: string, node: () => ClassType<T>, plural: string) {
  @ObjectType(`${name}Edge`, { description: `One of the ${plural} of a page, with its cursor.`, simpleResolvers: true })
  class EdgeType implements Edge<T> {
    @Field(() => String, { description: 'Opaque cursor. Passed as `after`, it asks for the items behind this one.' })
    readonly cursor!: string

    @Field(node, { description: 'The item.' })
    readonly node!: T
  }

  @ObjectType(`${name}Connection`, { simpleResolvers: true })
  abstract class ConnectionType implements Connection<T> {
    @Field(() => [EdgeType], { description: 'The items of this page, each with its cursor.' })
    readonly edges!: Edge<T>[]

    @Field(() => [node()], {
      description: 'The items of this page without cursors. Enough when you page with `pageInfo.endCursor`.',
    })
    readonly nodes!: T[]

    @Field(() => PageInfoType, { description: 'The position of this page in the list.' })
    readonly pageInfo!: PageInfoType
  }
  return ConnectionType
}

interface PagePosition {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  /** null or absent: the cursor of the last edge. */
  readonly endCursor?: string | null
}

/** A connection over these edges, in their order. */
export function toConnection<T>(edges: readonly Edge<T>[], position: PagePosition): Connection<T> {
  const { hasNextPage, hasPreviousPage } = position
  const pageInfo = {
    hasNextPage,
    hasPreviousPage,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: position.endCursor ?? edges.at(-1)?.cursor ?? null,
  }
  return { edges, nodes: edges.map((edge) => edge.node), pageInfo }
}

/** A range as a connection. */
export function rangeToConnection<T>({ items, hasNextPage, hasPreviousPage }: RangePage<T>): Connection<T> {
  return toConnection(items, { hasNextPage, hasPreviousPage })
}

/** The page of a service as a connection. `after` is the cursor that the page was asked with. */
export function pageToConnection<T>(page: Page<T>, after: string | null): Connection<T> {
  return toConnection(page.items, { hasNextPage: page.hasNextPage, hasPreviousPage: after !== null })
}

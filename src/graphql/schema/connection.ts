import type { ClassType } from 'type-graphql'
import type { Page } from '../../domain/page.ts'
import { Always, GraphType, Maybe } from './describe.ts'

@GraphType('PageInfo', 'Where a page stands in its list (Relay connection specification).')
export class PageInfoType {
  @Always(() => Boolean, 'True when something follows: ask again with `after: endCursor`.')
  readonly hasNextPage!: boolean

  @Always(() => Boolean, 'True when something comes before this page.')
  readonly hasPreviousPage!: boolean

  @Maybe(() => String, 'Cursor of the first edge; null when the page is empty.')
  readonly startCursor!: string | null

  @Maybe(() => String, "Cursor behind this page: the next page's `after`. It may be set on an empty page that others follow.")
  readonly endCursor!: string | null
}

export interface Edge<T> {
  readonly cursor: string
  readonly node: T
}

/** What a connection's type reads its fields from. */
export interface Connection<T> {
  readonly edges: readonly Edge<T>[]
  readonly nodes: readonly T[]
  readonly pageInfo: PageInfoType
}

/** The classes of `XEdge` and `XConnection`; more fields are added by extending the result. */
export function connectionType<T extends object>(name: string, node: () => ClassType<T>, plural: string) {
  @GraphType(`${name}Edge`, `One of a page's ${plural}, with its place in the list.`)
  class EdgeType implements Edge<T> {
    @Always(() => String, 'Opaque; as `after` it gives what follows this edge.')
    readonly cursor!: string

    @Always(node, 'What stands at this place.')
    readonly node!: T
  }

  @GraphType(`${name}Connection`, `A page of ${plural}.`)
  class ConnectionType implements Connection<T> {
    @Always(() => [EdgeType], 'The page with a cursor for each entry.')
    readonly edges!: Edge<T>[]

    @Always(() => [node()], 'The same without cursors: enough when you page by `pageInfo.endCursor`.')
    readonly nodes!: T[]

    @Always(() => PageInfoType, 'Where this page stands in the list.')
    readonly pageInfo!: PageInfoType
  }
  return ConnectionType
}

interface Place {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  /** null: behind the last edge. */
  readonly endCursor?: string | null
}

export function toConnection<T>(edges: readonly Edge<T>[], place: Place): Connection<T> {
  const { hasNextPage, hasPreviousPage } = place
  const pageInfo = {
    hasNextPage,
    hasPreviousPage,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: place.endCursor ?? edges.at(-1)?.cursor ?? null,
  }
  return { edges, nodes: edges.map((edge) => edge.node), pageInfo }
}

/** A service's page as a connection. `after` is what the page was asked behind. */
export function pageToConnection<T>(page: Page<T>, after: string | null): Connection<T> {
  return toConnection(page.items, { hasNextPage: page.hasNextPage, hasPreviousPage: after !== null })
}

import { ID, InterfaceType } from 'type-graphql'
import { Always } from '../describe.ts'

@InterfaceType('Node', {
  description: 'Anything with a global id that `node` and `nodes` can read again (Relay global object identification).',
})
export abstract class NodeType {
  @Always(() => ID, 'Global id: opaque, stable, unique over all sources. Keep it as it is; never take it apart.')
  readonly id!: string
}

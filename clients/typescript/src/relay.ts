import type { MissingFieldHandler } from 'relay-runtime'
import { scalarTypes } from './scalars.ts'

/** The settings of relay-compiler that this graph needs, beside `src` and `language`. */
export const relayConfig = {
  schema: 'node_modules/@deskgraph/client/schema.graphql',
  customScalarTypes: scalarTypes,
  eagerEsModules: true,
} as const

/** The fields of `Query` that read an object by its id. */
const typeById: Readonly<Record<string, string>> = { ticket: 'Ticket', customer: 'Customer', vendor: 'Vendor' }

/** For `new Environment({ missingFieldHandlers })`: `ticket(id)`, `customer(id)`, `vendor(id)` and `node(id)` find what a list has read. */
export const missingFieldHandlers: readonly MissingFieldHandler[] = [
  {
    kind: 'linked',
    handle(field, record, args) {
      const isKnown = record?.getType() === '__Root' && (field.name === 'node' || field.name in typeById)
      return isKnown && typeof args.id === 'string' ? args.id : undefined
    },
  },
]

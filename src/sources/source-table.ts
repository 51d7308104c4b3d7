import { encodeId } from '../domain/ids.ts'
import type { TicketAction } from '../domain/ticket.ts'
import {
  type CountKey,
  commonTicketFields,
  type FilterField,
  type LookupName,
  type SourceCapabilities,
  type SourceInfo,
  type SourceMode,
  type SourceTicketField,
  type TakenFields,
  type TicketSource,
} from './source.ts'

/** Something that a client can ask of a source beside reading its tickets. */
export type Operation = TicketAction | 'CREATE' | LookupName

/**
 * What one vendor's system can do, in one place. From it follow the methods of a source, `Source.actions`, `canCreate`, `filters` and
 * `capabilities` in the graph, and docs/capabilities.md (`npm run capabilities`). The source contract compares it with real tickets.
 */
export interface SourceTable
  extends Omit<SourceCapabilities, 'reads' | 'writes' | 'updatableFields' | 'lookups' | DerivedCounts> {
  /** What its tickets may have beside `commonTicketFields`. */
  readonly fields: readonly SourceTicketField[]
  readonly operations: readonly Operation[]
  /** How the source counts; null: it cannot. */
  readonly counts: { readonly by: readonly CountKey[]; readonly callsPerCount: number } | null
  /** The conditions that its lists can apply. Which sources are read, and single tickets by id, is never a matter of its lists. */
  readonly filters: readonly FilterField[]
  /**
   * false: the value of the identity claim, such as an e-mail address, is no login there. A viewer without an entry in `identity.map`
   * then has none. Absent: true.
   */
  readonly takesIdentityClaim?: boolean
}

/** What an agent does at every desk. */
export const deskOperations = [
  ...(['CREATE', 'UPDATE', 'REPLY', 'NOTE', 'CLOSE', 'REOPEN', 'REASSIGN'] as const),
] as const satisfies readonly Operation[]

/** The fields of an update that every desk takes. */
export const deskUpdate = [
  ...(['title', 'priority', 'status', 'statusOption', 'tags', 'addTags', 'removeTags', 'customFields'] as const),
] as const satisfies TakenFields['UPDATE']

type DerivedCounts = 'counts' | 'countsBy' | 'callsPerCount'

interface ConfiguredSource {
  readonly key: string
  readonly system: string
  readonly label: string
  readonly mode: SourceMode
  /** false: the configuration switches the operation off. */
  readonly switches?: Partial<Record<Operation, boolean>>
}

/** The public description of a configured source. */
export function toSourceInfo({ key, system, label, mode, switches = {} }: ConfiguredSource, table: SourceTable): SourceInfo {
  const { fields, operations, filters, takes, notes, attachments, counts, live } = table
  const offered = operations.filter((operation) => switches[operation] !== false)
  const actions = offered.filter((operation) => operation in methodOfAction) as TicketAction[]
  const lookups = offered.filter((operation) => operation !== 'CREATE' && !(operation in methodOfAction)) as LookupName[]
  return {
    id: encodeId('source', key, '', key),
    key,
    system,
    label,
    mode,
    actions,
    canCreate: offered.includes('CREATE'),
    filters: ['SOURCES', ...filters, 'IDS'],
    capabilities: {
      reads: [...commonTicketFields, ...fields],
      writes: actions,
      takes,
      updatableFields: actions.includes('UPDATE') ? toUpdatableFields(takes) : [],
      lookups,
      notes,
      attachments,
      counts: counts !== null,
      countsBy: counts?.by ?? [],
      callsPerCount: counts?.callsPerCount ?? 0,
      live,
    },
  }
}

/** A condition of an update changes nothing. */
export function toUpdatableFields({ UPDATE = [] }: TakenFields): SourceCapabilities['updatableFields'] {
  return UPDATE.filter((field) => field !== 'ifUpdatedAt')
}

export const methodOfAction = {
  UPDATE: 'updateTicket',
  REPLY: 'replyToTicket',
  NOTE: 'replyToTicket',
  ESCALATE: 'escalateTicket',
  CLOSE: 'closeTicket',
  REOPEN: 'reopenTicket',
  REASSIGN: 'reassignTicket',
  TRANSFER: 'transferTicket',
  ROUTE: 'routeTicket',
} as const satisfies Record<TicketAction, keyof TicketSource>

type OperationMethod = (typeof methodOfAction)[TicketAction] | 'createTicket' | LookupName

/** Those of the vendor's methods that the source offers as configured. */
export function offeredMethods(
  { actions, canCreate, capabilities }: SourceInfo,
  methods: Partial<Pick<TicketSource, OperationMethod>>,
): Partial<Pick<TicketSource, OperationMethod>> {
  const offered = new Set<string>([...actions.map((action) => methodOfAction[action]), ...capabilities.lookups])
  if (canCreate) offered.add('createTicket')
  return Object.fromEntries(Object.entries(methods).filter(([name]) => offered.has(name)))
}

type Bound<Method> = Method extends (api: never, ...args: infer Args) => infer Result ? (...args: Args) => Result : never

/** Functions whose first argument is the source's api as methods of the source. */
export function bindMethods<Api, Methods extends Readonly<Record<string, (api: Api, ...args: never[]) => unknown>>>(
  api: Api,
  methods: Methods,
): { readonly [Name in keyof Methods]: Bound<Methods[Name]> } {
  const bound = Object.entries(methods).map(([name, method]) => [name, (...args: never[]) => method(api, ...args)])
  return Object.fromEntries(bound)
}

import { sourcePlugins } from '../sources/registry.ts'
import { countKeys, type FilterField, filterFields, lookupNames, sourceTicketFields, type WriteName } from '../sources/source.ts'
import type { SourcePlugin } from '../sources/source-plugin.ts'
import { methodOfAction } from '../sources/source-table.ts'

const writes: readonly (readonly [mutation: string, write: WriteName])[] = [
  ['createTicket', 'CREATE'],
  ...keysOf(methodOfAction).map((action) => [methodOfAction[action], action] as const),
]

/** The page docs/capabilities.md: what each system can do when its configuration switches nothing off. */
export function toCapabilityPage(plugins: readonly SourcePlugin[] = sourcePlugins): string {
  const inputs = writes.map(([name, write]) => ({
    name,
    write,
    fields: [...new Set(plugins.flatMap(({ table }) => table.takes[write] ?? []))],
  }))
  const listFilters = filterFields.filter((field) => field !== 'SOURCES' && field !== 'IDS')
  return `${[
    '# What each system can do',
    '',
    'Written by `npm run capabilities` from the table in `src/sources/<system>/capabilities.ts`. `Source.capabilities` in the graph has the same,',
    'as the configuration leaves it. A field that a system does not fill is null on all its tickets.',
    '',
    '## In short',
    ...toTable(plugins, 'property', [
      ['creates tickets', ({ table }) => yes(table.operations.includes('CREATE'))],
      ['internal notes', ({ table }) => table.notes],
      ['attachments', ({ table }) => table.attachments],
      ['counts matches', ({ table }) => yes(table.counts !== null)],
      ['live', ({ table }) => table.live],
    ]),
    '',
    '## Fields of `Ticket`',
    'Every system fills `id`, `source`, `externalId`, `status`, `freshness`, `events`, `timeline`, `actions` and `raw`.',
    ...toTable(
      plugins,
      'field',
      rowsOf(sourceTicketFields, ({ table }, field) => table.fields.includes(field)),
    ),
    '',
    '## Actions',
    ...toTable(
      plugins,
      'action',
      rowsOf(keysOf(methodOfAction), ({ table }, action) => table.operations.includes(action)),
    ),
    '',
    '## Optional fields of inputs',
    'The gateway refuses any other field that is set as NOT_SUPPORTED, and sends nothing.',
    ...toTable(
      plugins,
      'field',
      inputs.flatMap(({ name, write, fields }) =>
        fields.map(
          (field): Row => [
            `${name}.${field}`,
            ({ table }) => yes((table.takes[write] as readonly string[] | undefined)?.includes(field) ?? false),
          ],
        ),
      ),
    ),
    '',
    '## Conditions of `TicketFilter`',
    'The gateway applies the others to what it reads, within `reading.scanLimit`. `SOURCES` and `IDS` need no list.',
    ...toTable(
      plugins,
      'condition',
      rowsOf<FilterField>(listFilters, ({ table }, field) => table.filters.includes(field)),
    ),
    '',
    '## Keys of `ticketCounts`',
    'A system that does not fill the field of a key counts all its tickets as without a value, when it counts by `SOURCE`.',
    ...toTable(plugins, 'key', [
      ...rowsOf(countKeys, ({ table }, key) => table.counts?.by.includes(key) ?? false),
      ['calls to the system per count, at most', ({ table }) => (table.counts === null ? '–' : `${table.counts.callsPerCount}`)],
    ]),
    '',
    '## Look-ups of `Source`',
    ...toTable(
      plugins,
      'look-up',
      rowsOf(lookupNames, ({ table }, name) => table.operations.includes(name)),
    ),
  ].join('\n')}\n`
}

type Row = readonly [name: string, cell: (plugin: SourcePlugin) => string]

function rowsOf<Name extends string>(names: readonly Name[], has: (plugin: SourcePlugin, name: Name) => boolean): readonly Row[] {
  return names.map((name): Row => [`\`${name}\``, (plugin) => yes(has(plugin, name))])
}

function toTable(plugins: readonly SourcePlugin[], subject: string, rows: readonly Row[]): readonly string[] {
  const toLine = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    '',
    toLine([subject, ...plugins.map(({ system }) => system)]),
    toLine(['---', ...plugins.map(() => '---')]),
    ...rows.map(([name, cell]) => toLine([name, ...plugins.map(cell)])),
  ]
}

function yes(value: boolean): string {
  return value ? 'yes' : '–'
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(record) as Key[]
}

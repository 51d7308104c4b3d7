import { type Command, InvalidArgumentError, Option } from 'commander'
import type { DeliveryState } from '../../domain/delivery.ts'
import { fail } from '../fail.ts'
import {
  actOnEach,
  type CommandOutput,
  enablePartner,
  listDeliveries,
  listQuarantine,
  reconcile,
  replayDeliveries,
  replayQuarantine,
} from './commands.ts'
import type { ConnectionOptions, OperatorApi } from './operator-api.ts'

type Common = ConnectionOptions & { readonly json?: boolean }
type DeliveryOptions = Common & { readonly partner?: string; readonly state?: DeliveryState[]; readonly limit: number }
type QuarantineOptions = Common & { readonly source?: string; readonly reason: string; readonly limit: number }

/** Adds `deskgraph deliveries …`, `deskgraph quarantine …` and `deskgraph reconcile`. The modules of the graph and the database are loaded when they are used. */
export function addOperatorCommands(program: Command): void {
  addDeliveryCommands(program.command('deliveries').description('Shows and replays deliveries to partners.'))
  addQuarantineCommands(
    program.command('quarantine').description('Shows, replays and discards events that could not be processed.'),
  )
  common(program.command('reconcile'))
    .description(
      'Compares the known tickets of a pulled source with the source, and records what changed or went without notice.',
    )
    .argument('<source>', 'the key of the source')
    .option('--dry-run', 'compares and records nothing')
    .option('--force', 'also records a batch of which most tickets are missing')
    .action((source: string, { dryRun = false, force = false, ...options }: Common & { dryRun?: boolean; force?: boolean }) =>
      run(options, (api, output) => reconcile(api, source, { dryRun, force }, output)),
    )
}

function addDeliveryCommands(deliveries: Command): void {
  common(deliveries.command('list'))
    .description('Prints deliveries, newest first.')
    .option('--partner <key>', 'only those to this partner')
    .addOption(stateOption(['PENDING', 'DELIVERED', 'FAILED', 'HELD', 'DEAD']))
    .addOption(limitOption())
    .action(({ state: states = [], ...options }: DeliveryOptions) =>
      run(options, (api, output) => listDeliveries(api, { ...options, states }, output)),
    )
  common(deliveries.command('replay'))
    .description('Starts deliveries again, with the same webhook-id: those with these ids, or all of a partner.')
    .argument('[ids...]', 'global ids of deliveries')
    .option('--partner <key>', 'all deliveries to this partner that are in one of the states')
    .addOption(stateOption(['FAILED', 'HELD', 'DEAD'], 'absent: DEAD'))
    .action((ids: string[], { partner, state: states = ['DEAD'], ...options }: DeliveryOptions) =>
      run(options, (api, output) => {
        if (partner !== undefined && ids.length === 0) return replayDeliveries(api, { partner, states }, output)
        if (partner !== undefined || ids.length === 0) fail('Name ids of deliveries, or a partner with --partner.')
        return actOnEach(ids, 'PENDING', api.replayDelivery, output)
      }),
    )
  common(deliveries.command('enable'))
    .description('Switches the endpoint of a partner that answered 410 on again, and sends what was held.')
    .argument('<source>', 'the key of the source that routes to the partner')
    .argument('<partner>', 'the key of the partner in the routing file')
    .action((source: string, partner: string, options: Common) =>
      run(options, (api, output) => enablePartner(api, source, partner, output)),
    )
}

function addQuarantineCommands(quarantine: Command): void {
  common(quarantine.command('list'))
    .description('Prints events that could not be processed, newest first, without their bodies.')
    .option('--source <key>', 'only those of this source')
    .addOption(limitOption())
    .action((options: QuarantineOptions) => run(options, (api, output) => listQuarantine(api, options, output)))
  common(quarantine.command('replay'))
    .description('Processes events again: those with these ids, or all held ones of a source.')
    .argument('[ids...]', 'global ids of events')
    .option('--source <key>', 'all held events of this source')
    .action((ids: string[], { source, ...options }: QuarantineOptions) =>
      run(options, (api, output) => {
        if (source !== undefined && ids.length === 0) return replayQuarantine(api, source, output)
        if (source !== undefined || ids.length === 0) fail('Name ids of events, or a source with --source.')
        return actOnEach(ids, 'REPLAYED', api.replayDeadLetter, output)
      }),
    )
  common(quarantine.command('discard'))
    .description('Discards events for good. They can still be read.')
    .argument('<ids...>', 'global ids of events')
    .requiredOption('--reason <text>', 'why; it is stored with the event')
    .action((ids: string[], { reason, ...options }: QuarantineOptions) =>
      run(options, (api, output) => actOnEach(ids, 'DISCARDED', (id) => api.discardDeadLetter(id, reason), output)),
    )
}

function common(command: Command): Command {
  return command
    .option('--url <address>', 'a running gateway; absent: DESKGRAPH_URL, else the PostgreSQL of DATABASE_URL')
    .option(
      '--token <token>',
      'with the scope routing:admin; absent: DESKGRAPH_TOKEN, which other users of the machine cannot see',
    )
    .option('--audit <file>', 'on the database: the audit log to append to; absent: the standard error')
    .option('--json', 'prints JSON')
}

function stateOption(states: readonly DeliveryState[], otherwise = 'absent: all'): Option {
  return new Option('--state <states...>', `any of these states; ${otherwise}`).choices(states)
}

function limitOption(): Option {
  return new Option('--limit <number>', 'at most this many').default(100).argParser((text) => {
    if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('It is a whole number above 0.')
    return Number(text)
  })
}

async function run(
  { json = false, ...connection }: Common,
  work: (api: OperatorApi, output: CommandOutput) => Promise<number>,
): Promise<void> {
  const { withOperatorApi } = await import('./operator-api.ts')
  await withOperatorApi(connection, process.env, async (api) => {
    process.exitCode = await work(api, { out: process.stdout, err: process.stderr, json })
  })
}

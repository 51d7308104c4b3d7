#!/usr/bin/env -S node --max-semi-space-size=8
import { nodeVersionProblem } from '../config/node-version.ts'
import type { CheckDocumentsOptions } from './check-documents.ts'
import type { TokenOptions } from './config-commands.ts'
import type { ExplainOptions } from './explain.ts'
import type { ImportOptions } from './import.ts'
import type { AuditOption } from './secrets.ts'

// An old Node cannot link modules that import what it does not have. Therefore every other import follows the check.
const problem = nodeVersionProblem(process.versions.node)
if (problem !== null) {
  console.error(problem)
  process.exit(1)
}

// Each command loads its own modules: a check of the configuration does not load a database.
const { Command } = await import('commander')
const program = new Command('deskgraph').description('One GraphQL graph over many support-ticket systems.')

program
  .command('check-config')
  .description('Checks the configuration file and its linked files. Prints every fault with its place.')
  .argument('[file]', 'the file; absent: the file of DESKGRAPH_CONFIG')
  .action(async (file: string | undefined) => {
    const { checkConfig } = await import('./config-commands.ts')
    checkConfig(file, process.env)
  })

program
  .command('config-schema')
  .description('Prints the JSON Schema of the configuration file, for editors.')
  .action(async () => {
    const { printConfigSchema } = await import('./config-commands.ts')
    printConfigSchema()
  })

program
  .command('schema')
  .description('Prints the graph as GraphQL SDL.')
  .option('--federation', 'as a subgraph of Apollo Federation 2, for the composition of a supergraph')
  .action(async (options: { readonly federation?: boolean }) => {
    const { emitSchema, emitSubgraphSchema } = await import('../graphql/schema/index.ts')
    process.stdout.write(options.federation ? emitSubgraphSchema() : emitSchema())
  })

program
  .command('check-documents')
  .description(
    'Says which trusted documents of a manifest the graph refuses, and why. Exit code 1: some; 2: a file cannot be read.',
  )
  .argument('<manifest>', "a JSON file of id → document (graphql-codegen, Relay), or Apollo's persisted-query manifest")
  .option(
    '--schema <file>',
    'another graph as SDL, e.g. /graphql/schema.graphql of the next version; absent: the graph of this version',
  )
  .option('--json', 'prints JSON for programs')
  // Wrong arguments are no answer about the documents.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(async (manifest: string, options: CheckDocumentsOptions) => {
    const { checkDocuments } = await import('./check-documents.ts')
    const { exitCode, text } = checkDocuments(manifest, options)
    const print = exitCode === 2 ? console.error : console.log
    print(text)
    process.exitCode = exitCode
  })

program
  .command('capabilities')
  .description('Prints what each system can do, as docs/capabilities.md has it.')
  .action(async () => {
    const { toCapabilityPage } = await import('./capabilities.ts')
    process.stdout.write(toCapabilityPage())
  })

program
  .command('new-source')
  .description(
    'Begins a source for another system, in a working copy of the repository: folder, tests, simulator and registration.',
  )
  .argument('<system>', 'the name of the system: lower-case letters and digits')
  .action(async (system: string) => {
    const { writeNewSource } = await import('./new-source.ts')
    writeNewSource(system)
  })

program
  .command('token')
  .description('Creates a token with a local key, for trials with auth.mode jwt. Not for production.')
  .option('--dir <directory>', 'where the key pair is stored', '.deskgraph')
  .option('--subject <id>', "the viewer's id")
  .option('--email <address>', "the viewer's e-mail, which is sent to sources as the agent")
  .option('--name <name>', "the viewer's name")
  .option('--scopes <scopes>', 'separated by blanks; absent: every scope')
  .option('--lifetime <seconds>', 'until the token expires', '3600')
  .action(async (options: TokenOptions) => {
    const { printToken } = await import('./config-commands.ts')
    await printToken(options)
  })

program
  .command('erase')
  .description("Removes a customer's personal data from the database that the environment names, and prints a receipt.")
  .requiredOption('--customer <id or e-mail>', "an e-mail address, a customer's global id, or the customer's id in a source")
  .option('--audit <file>', 'the audit log to append to; absent: the standard error')
  .action(async ({ customer, audit: file }: { customer: string; audit?: string }) => {
    const { eraseInDatabase } = await import('./erase/erase-customer.ts')
    const { createAuditLog } = await import('../observability/audit-log.ts')
    const { systemClock } = await import('../domain/clock.ts')
    const write = (line: string) => void process.stderr.write(line)
    await eraseInDatabase(customer, process.env, createAuditLog({ file, write, clock: systemClock }))
  })

program
  .command('import')
  .description('Stores events from files. It resumes where an earlier import of the file stopped.')
  .argument('<system>', 'the system of the events: wasabi')
  .argument(
    '<files...>',
    'NDJSON, JSON lists, pages of an export ({"count":2,"tickets":[…]}) or envelopes, of any size; UTF-8 or UTF-16, also gzip',
  )
  .option('--source <key>', 'the source of the system, when several are configured')
  .option('--lenient', "repairs trailing commas and no-break spaces, as the vendor's example has them")
  .action(async (system: string, files: string[], options: ImportOptions) => {
    const { importEventFiles } = await import('./import.ts')
    await importEventFiles(system, files, options, process.env)
  })

program
  .command('export')
  .description('Writes tickets to the standard output.')
  .argument('<system>', 'the system whose format the tickets are written in: wasabi')
  .argument('[sources...]', 'source keys; absent: all sources')
  .action(async (system: string, sources: string[]) => {
    const { exportTickets } = await import('./export.ts')
    await exportTickets(system, sources, process.env)
  })

program
  .command('explain')
  .description('Says what happened to a request, from the log lines with its request id.')
  .argument('<requestId>', 'the id that a client was told, as extensions.requestId or x-request-id')
  .argument('[files...]', 'log files, also gzip; absent: the standard input')
  .option('--json', 'the lines as JSON')
  .action(async (requestId: string, files: string[], options: ExplainOptions) => {
    const { explain } = await import('./explain.ts')
    await explain(requestId, files, options)
  })

program
  .command('doctor')
  .description(
    'Checks configuration, database, Redis, keys, clocks, sources and partners, and says what to do. Exit code 1: there is a problem.',
  )
  .option('--json', 'prints JSON for programs')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(async ({ json = false }: { readonly json?: boolean }) => {
    const { runDoctor } = await import('./doctor/doctor.ts')
    const exitCode = await runDoctor(process.env, { out: process.stdout, err: process.stderr, json })
    // A name that is still being resolved would keep the process alive.
    process.stdout.write('', () => process.exit(exitCode))
  })

const { addOperatorCommands } = await import('./operator/program.ts')
addOperatorCommands(program)

const secrets = program.command('secrets').description('Sets, lists and re-encrypts the stored tokens of sources.')
const streams = { in: process.stdin, out: process.stdout, err: process.stderr }
const auditOption = ['--audit <file>', 'the audit log to append to; absent: the standard error'] as const

secrets
  .command('list')
  .description('Prints what is known of each token, and no token.')
  .option('--json', 'prints JSON')
  .action(async ({ json = false }: { readonly json?: boolean }) => {
    const { listSecrets } = await import('./secrets.ts')
    await listSecrets(process.env, json, streams)
  })

secrets
  .command('set')
  .description('Stores the refresh token of a new sign-in. It is read from the standard input.')
  .argument('<source>', 'the key of a source with an oauth block')
  .option(...auditOption)
  .action(async (key: string, options: AuditOption) => {
    const { setSecret } = await import('./secrets.ts')
    await setSecret(key, options, process.env, streams)
  })

secrets
  .command('rotate-key')
  .description('Encrypts every token with secrets.key that is encrypted with one of secrets.otherKeys.')
  .option(...auditOption)
  .action(async (options: AuditOption) => {
    const { rotateKey } = await import('./secrets.ts')
    process.exitCode = await rotateKey(options, process.env, streams)
  })

const { default: addCompletion } = await import('@bomb.sh/tab/commander')
addCompletion(program, { completionCommandName: 'completion' })

await program.parseAsync()

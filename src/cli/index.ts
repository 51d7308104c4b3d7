#!/usr/bin/env -S node --max-semi-space-size=8
import { Command } from 'commander'
import { systemClock } from '../domain/clock.ts'
import { fail } from './fail.ts'
import type { ImportOptions } from './import.ts'

// Each command loads what it needs: a check of the configuration shall not wait for a database engine.

const program = new Command('deskgraph').description('One GraphQL graph over many support-ticket systems.')

program
  .command('check-config')
  .description('Checks the configuration file and its routing files; every fault at once, with its place.')
  .argument('[file]', 'the file; DESKGRAPH_CONFIG names it otherwise')
  .action(async (file: string | undefined) => {
    const { checkConfig } = await import('./check-config.ts')
    checkConfig(file, process.env)
  })

program
  .command('config-schema')
  .description('Prints the JSON Schema of the configuration file, for editors.')
  .action(async () => {
    const { configJsonSchema } = await import('../config/gateway-config.ts')
    console.log(JSON.stringify(configJsonSchema(), null, 2))
  })

program
  .command('schema')
  .description('Prints the graph as GraphQL SDL.')
  .action(async () => {
    const { emitSchema } = await import('../graphql/schema/index.ts')
    process.stdout.write(emitSchema())
  })

program
  .command('token')
  .description('Makes a token with a local key, for trying a gateway signed in. Not for production.')
  .option('--dir <directory>', 'where the key pair is kept', '.deskgraph')
  .option('--subject <id>', "the viewer's id")
  .option('--email <address>', "the viewer's e-mail: goes upstream as the agent")
  .option('--name <name>', "the viewer's name")
  .option('--scopes <scopes>', 'separated by blanks; every right when left out')
  .option('--lifetime <seconds>', 'how long it holds', '3600')
  .action(async ({ dir, scopes, lifetime, ...viewer }: TokenOptions) => {
    const lifetimeSeconds = Number(lifetime)
    if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 1) fail('--lifetime is a whole number of seconds.')
    const { createDevelopmentToken } = await import('../auth/development-token.ts')
    const options = { ...viewer, directory: dir, scopes: scopes?.split(/\s+/), lifetimeSeconds, clock: systemClock }
    const { token, configuration } = await createDevelopmentToken(options)
    console.error(`# A gateway with this in its configuration accepts the token:\n${configuration}`)
    console.log(token)
  })

program
  .command('erase')
  .description("Removes a customer's personal data from the database that the environment names, and prints a receipt.")
  .requiredOption('--customer <id or e-mail>', "an e-mail address, a customer's global id, or the id that a source gives them")
  .option('--audit <file>', 'the audit log to append to; the standard error otherwise')
  .action(async ({ customer, audit: file }: { customer: string; audit?: string }) => {
    const { erase } = await import('./erase.ts')
    const { createAuditLog } = await import('../observability/audit-log.ts')
    const write = (line: string) => void process.stderr.write(line)
    await erase(customer, process.env, createAuditLog({ file, write, clock: systemClock }))
  })

interface TokenOptions {
  dir: string
  subject?: string
  email?: string
  name?: string
  scopes?: string
  lifetime: string
}

program
  .command('import')
  .description('Takes events from files into the store. An import that broke off goes on where it stopped.')
  .argument('<system>', 'whose events they are: wasabi')
  .argument('<files...>', 'NDJSON, a JSON array, {"tickets":[…]} or one envelope; of any size')
  .option('--source <key>', 'which source of the system, where there are several')
  .option('--lenient', 'mends trailing commas and no-break spaces, as in the documented example')
  .action(async (system: string, files: string[], options: ImportOptions) => {
    const { importEventFiles } = await import('./import.ts')
    await importEventFiles(system, files, options, process.env)
  })

program
  .command('export')
  .description('Writes tickets to the standard output.')
  .argument('<system>', 'in whose schema: wasabi')
  .argument('[sources...]', 'source keys; all when left out')
  .action(async (system: string, sources: string[]) => {
    const { exportTickets } = await import('./export.ts')
    await exportTickets(system, sources, process.env)
  })

await program.parseAsync()

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, hasPostgres } from '../support/databases.ts'
import { buildWhenStale } from '../support/process/built.ts'

// 1 GB takes a quarter of an hour and the same memory (docs/operations.md). What grows, grows within these.
const records = 40_000
const limitMb = 300

let folder: string
beforeAll(() => {
  buildWhenStale()
  folder = mkdtempSync(join(tmpdir(), 'deskgraph-import-'))
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** One of three changes a ticket that came before. */
function writeRecords(): string {
  const lines = Array.from({ length: records }, (_, n) => {
    const isUpdate = n % 3 === 2
    const body = {
      ticketId: String(10_000_000 + (isUpdate ? Math.floor(n / 2) : n)),
      customerId: String(50_000_000 + n),
      status: isUpdate ? 'RESOLVED' : 'OPEN',
      reason: { type: 'WRONG_PRODUCT', orderIds: [`1${n}`, `2${n}`] },
      ticketOrigin: 'email',
      tags: ['subscription', 'cold-chain'],
      createdAt: '2024-02-06T10:00:00Z',
      updatedAt: isUpdate ? '2024-02-07T10:00:00Z' : '2024-02-06T12:00:00Z',
    }
    return JSON.stringify({ eventType: 'CUSTOMER_CARE_TICKET', eventAction: isUpdate ? 'UPDATED' : 'CREATED', version: 1, body })
  })
  const file = join(folder, 'events.ndjson')
  writeFileSync(file, lines.join('\n'))
  return file
}

/** node and its options, as `npm run deskgraph` starts the command. */
function commandLine(): { readonly flags: readonly string[]; readonly script: string } {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { deskgraph: string } }
  const words = scripts.deskgraph.split('&&').at(-1)!.trim().split(' ').slice(1)
  return { flags: words.slice(0, -1), script: words.at(-1)! }
}

/** The most memory that a process has had so far; 0 when it has ended. */
function mostResidentMb(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

describe.runIf(await hasPostgres())('deskgraph import wasabi', () => {
  test('has the same options however it is started', () => {
    const { flags, script } = commandLine()
    expect(readFileSync(script, 'utf8').split('\n')[0]).toBe(`#!/usr/bin/env -S node ${flags.join(' ')}`)
  })

  test(`stays below ${limitMb} MB over ${records} records on PostgreSQL`, async () => {
    const file = writeRecords()
    const database = await createDatabase()
    const config = join(folder, 'gateway.yaml')
    writeFileSync(config, 'sources:\n  w: { system: wasabi, token: a-token-of-the-tests }\n')
    const { flags, script } = commandLine()
    const child = spawn(process.execPath, [...flags, script, 'import', 'wasabi', file], {
      env: { PATH: process.env.PATH ?? '', DESKGRAPH_CONFIG: config, DATABASE_URL: database.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (data: Buffer) => {
      said += data
    })
    let mostMb = 0
    const looking = setInterval(() => {
      mostMb = Math.max(mostMb, mostResidentMb(child.pid!))
    }, 100)
    const [code] = await once(child, 'close')
    clearInterval(looking)
    await database.drop()
    console.log(`${records} records, at most ${Math.round(mostMb)} MB`)
    expect({ code, said }).toEqual({ code: 0, said: `${file}: ${records} kept, 0 unchanged, 0 quarantined\n` })
    expect(mostMb).toBeGreaterThan(0)
    expect(mostMb).toBeLessThan(limitMb)
  }, 180_000)
})

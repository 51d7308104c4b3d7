import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { someCall } from '../../support/call.ts'
import { json, startVendor, type VendorCall } from '../../support/vendor.ts'
import { readRecording, redmineAt, redmineRef } from './redmine-fixture.ts'

interface Recorded {
  issue: Record<string, unknown> & { journals: Record<string, unknown>[] }
}

/** A Redmine with recorded answers: issue 1 before the write, and with these changes after it. */
async function redmine(options: {
  readonly after?: Record<string, unknown>
  readonly journal?: Record<string, unknown>
  readonly onWrite?: (call: VendorCall, res: ServerResponse) => void
  readonly permissions?: readonly string[]
  readonly failsAfter?: boolean
}) {
  let written = false
  const { issue } = readRecording<Recorded>('issue-1')
  const journals = options.journal
    ? [...issue.journals, { ...issue.journals[0], id: 900, details: [], ...options.journal }]
    : issue.journals
  const vendor = await startVendor((call, res) => {
    if (call.method === 'PUT') {
      written = true
      if (options.onWrite) options.onWrite(call, res)
      else res.writeHead(204).end()
    } else if (call.path.startsWith('/users/current')) json(res, readRecording('current-user'))
    else if (call.path.startsWith('/roles/')) {
      const { role } = readRecording<{ role: object }>('role-manager')
      json(res, { role: { ...role, ...(options.permissions && { permissions: options.permissions }) } })
    } else if (call.path.startsWith('/projects/2.json'))
      json(res, { project: { id: 2, name: 'Billing', trackers: [{ id: 1, name: 'Bug' }], issue_categories: [] } })
    else if (call.path.startsWith('/enumerations')) json(res, readRecording('issue-priorities'))
    else if (written && options.failsAfter) res.writeHead(500).end()
    else json(res, { issue: written ? { ...issue, journals, ...options.after } : issue })
  })
  const source = redmineAt(vendor.url)
  const writes = () => vendor.calls.filter(({ method }) => method === 'PUT').map(({ body }) => body)
  return { source, writes }
}

const note = { body: 'For us only', visibility: 'INTERNAL' as const }
const ref = redmineRef('1')

describe('a note to Redmine', () => {
  it('REDMINE-01 says that a note became public, which cannot be undone', async () => {
    const { source, writes } = await redmine({ journal: { notes: 'For us only', private_notes: false } })
    const result = await source.replyToTicket!(ref, note, someCall())
    expect(result).toMatchObject({ outcome: 'PARTIAL', userErrors: [{ code: 'NOTE_BECAME_PUBLIC' }] })
    expect(writes()).toEqual([{ issue: { notes: 'For us only', private_notes: true } }])
  })

  it('is applied when it is private afterwards', async () => {
    const { source } = await redmine({ journal: { notes: 'For us only', private_notes: true } })
    const result = await source.replyToTicket!(ref, note, someCall())
    expect(result).toMatchObject({ outcome: 'APPLIED', message: { visibility: 'INTERNAL', body: 'For us only' } })
  })

  it('REDMINE-01 is not sent without the right in the project of the ticket', async () => {
    const { source, writes } = await redmine({ permissions: ['add_issue_notes', 'view_private_notes'] })
    expect(await source.replyToTicket!(ref, note, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'FORBIDDEN' }],
    })
    expect(writes()).toEqual([])
  })

  it('is rejected when it is not in the thread afterwards', async () => {
    const { source } = await redmine({})
    expect(await source.replyToTicket!(ref, note, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'SOURCE_REJECTED' }],
    })
  })
})

describe('a change of a Redmine ticket', () => {
  it('REDMINE-07 says what a move took away', async () => {
    // Issue 1 is in the category Hardware, with the tracker Support.
    const project = { id: 2, name: 'Billing' }
    const kept = await redmine({ after: { project } })
    expect(await kept.source.transferTicket!(ref, { queue: '2' }, someCall())).toMatchObject({ outcome: 'APPLIED' })
    expect(kept.writes()).toEqual([{ issue: { project_id: '2' } }])
    const lost = await redmine({ after: { project, tracker: { id: 1, name: 'Bug' }, category: undefined } })
    const result = await lost.source.transferTicket!(ref, { queue: '2' }, someCall())
    expect(result).toMatchObject({
      outcome: 'PARTIAL',
      userErrors: [
        { field: ['input', 'queue'], message: expect.stringContaining('changed its tracker') },
        { field: ['input', 'queue'], message: expect.stringContaining('changed its category') },
      ],
    })
  })

  it('REDMINE-03 is applied where the journal shows it, though another account has changed it since', async () => {
    const details = [{ property: 'attr', name: 'subject', old_value: 'x', new_value: 'Mine' }]
    const { source } = await redmine({ after: { subject: 'Of another' }, journal: { notes: '', details } })
    const result = await source.updateTicket!(ref, { title: 'Mine' }, someCall())
    expect(result).toMatchObject({ outcome: 'APPLIED', ticket: { title: 'Of another' } })
  })

  it('REDMINE-03 is PARTIAL when a part of it was dropped, and names the other part', async () => {
    const { source, writes } = await redmine({ after: { subject: 'New' } })
    const result = await source.updateTicket!(ref, { title: 'New', priority: 'HIGH' }, someCall())
    expect(result).toMatchObject({ outcome: 'PARTIAL', userErrors: [{ code: 'SOURCE_REJECTED', field: ['input', 'priority'] }] })
    expect(writes()).toEqual([{ issue: { subject: 'New', priority_id: '3' } }])
  })

  it('is UNKNOWN, and sent once, when its answer or the read after it is lost', async () => {
    const lost = await redmine({ onWrite: (_, res) => res.destroy() })
    expect(await lost.source.updateTicket!(ref, { title: 'New' }, someCall())).toMatchObject({ outcome: 'UNKNOWN' })
    expect(lost.writes()).toHaveLength(1)
    const unread = await redmine({ failsAfter: true })
    expect(await unread.source.updateTicket!(ref, { title: 'New' }, someCall())).toMatchObject({ outcome: 'UNKNOWN' })
    expect(unread.writes()).toHaveLength(1)
  })

  it('REDMINE-02 is a CONFLICT when Redmine gives no reason, and INVALID when it gives one', async () => {
    const answered = async (errors: readonly string[]) => {
      const { source } = await redmine({ onWrite: (_, res) => json(res, { errors }, 422) })
      return source.updateTicket!(ref, { title: 'New' }, someCall())
    }
    expect(await answered([])).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT' }] })
    const invalid = await answered(['Subject of Carl Customer cannot be blank'])
    expect(invalid).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'INVALID' }] })
    expect(JSON.stringify(invalid)).not.toContain('Carl')
  })

  it('is not sent when Redmine does not offer the status', async () => {
    const { source, writes } = await redmine({})
    expect(await source.updateTicket!(ref, { statusOption: '99' }, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'CONFLICT', field: ['input', 'statusOption'] }],
    })
    expect(writes()).toEqual([])
  })
})

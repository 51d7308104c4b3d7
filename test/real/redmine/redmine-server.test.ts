import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isInstalled, redmineDesk } from '../support/debian.ts'
import { type RedmineServer, startRedmine } from './redmine-server.ts'
import { type RedmineLogin, redmineRest } from './rest.ts'

interface Issues {
  readonly total_count: number
  readonly issues: readonly { readonly id: number; readonly updated_on: string }[]
}
interface Issue {
  readonly issue: {
    readonly subject: string
    readonly created_on: string
    readonly journals: readonly { readonly notes: string; readonly private_notes: boolean }[]
  }
}

describe.skipIf(!isInstalled(redmineDesk))('a real Redmine (skipped where it is not installed)', () => {
  let server: RedmineServer
  const as = (login: RedmineLogin) => redmineRest(server.url, login)
  const readNotes = async (login: RedmineLogin, id: number) =>
    (await as(login)<Issue>('GET', `/issues/${id}.json?include=journals`)).issue.journals.filter(({ notes }) => notes !== '')
  beforeAll(async () => {
    server = await startRedmine()
  })
  afterAll(() => server?.close())

  it('has 60 tickets, of which a customer does not see the private one, and a manager of one project sees 20', async () => {
    const count = async (login: RedmineLogin) => (await as(login)<Issues>('GET', '/issues.json?status_id=*&limit=1')).total_count
    expect([await count('ann'), await count('rita'), await count('carl'), await count('otto')]).toEqual([60, 60, 59, 20])
  })

  it('shows a private note to those who may read it', async () => {
    expect((await readNotes('ann', 20)).map((journal) => journal.private_notes)).toEqual([false, false, true])
    expect((await readNotes('rita', 20)).map((journal) => journal.notes)).toEqual([
      'Question of the customer on 20',
      'Answer of Ann on 20',
    ])
  })

  it('orders within a second by what it does not print', async () => {
    const { issues } = await as('ann')<Issues>('GET', '/issues.json?status_id=*&sort=updated_on:desc,id:desc&limit=4')
    expect(issues.map(({ id }) => id)).toEqual([31, 33, 32, 34])
    expect(new Set(issues.map((issue) => issue.updated_on))).toEqual(new Set(['2026-03-01T00:00:00Z']))
  })

  it('publishes a private note of a user without the right, answers 204, and a reset takes it back', async () => {
    await as('rita')('PUT', '/issues/1.json', { issue: { notes: 'Meant as private', private_notes: true } })
    expect(await readNotes('carl', 1)).toMatchObject([{ notes: 'Meant as private', private_notes: false }])
    await server.reset()
    expect(await readNotes('ann', 1)).toEqual([])
    expect((await as('ann')<Issue>('GET', '/issues/1.json')).issue).toMatchObject({
      subject: 'Ticket number 1',
      created_on: '2026-01-01T01:00:00Z',
    })
  })
})

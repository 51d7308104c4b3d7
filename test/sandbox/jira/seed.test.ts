import { describe, expect, it } from 'vitest'
import { createJira } from '../../../sandbox/jira/simulator.ts'
import { fromLocal, toDeskDuration, toJiraTime } from '../../../sandbox/jira/times.ts'
import { createRandom } from '../../../sandbox/random.ts'

const until = Date.parse('2026-03-02T00:00:00Z')
const open = (seed = 'jira') => createJira({ random: createRandom(seed), until, count: 400, token: 'x', now: () => until })

describe('the seed of the Jira site', () => {
  const issues = open().state.all()
  const requests = issues.filter(({ requestTypeId }) => requestTypeId !== null)

  it('is the same for the same random, and another for another', () => {
    expect(open().state.all()).toEqual(issues)
    expect(open('other').state.all()).not.toEqual(issues)
  })

  it('has 400 requests of two projects, a bug for every sixteenth, and nothing of the future', () => {
    expect([requests.length, issues.length]).toEqual([400, 425])
    const keys = requests.map(({ key }) => key.split('-')[0])
    expect([...new Set(keys)].toSorted()).toEqual(['PAY', 'SUP'])
    expect(Math.min(...['PAY', 'SUP'].map((key) => keys.filter((own) => own === key).length))).toBeGreaterThan(100)
    expect(issues.every(({ created, updated }) => created <= updated && updated <= until)).toBe(true)
  })

  it('has conversations in several scripts, with notes that customers do not see', () => {
    const texts = JSON.stringify(requests.map(({ comments }) => comments))
    for (const word of ['退款', 'ค่ะ', 'Storniert', 'tarjeta', 'معذرت', 'Terima kasih']) expect(texts).toContain(word)
    const comments = requests.flatMap((request) => request.comments)
    expect(comments.filter(({ isPublic }) => !isPublic).length).toBeGreaterThan(50)
    expect(comments.length).toBeGreaterThan(600)
  })

  it('has every state of a request, ratings, files, due dates, and bugs that cause requests', () => {
    expect(new Set(requests.map(({ statusId }) => statusId)).size).toBeGreaterThan(7)
    expect(requests.some(({ feedback }) => feedback !== null)).toBe(true)
    expect(requests.some(({ attachments }) => attachments.length > 0)).toBe(true)
    expect(requests.some(({ dueDate }) => dueDate !== null)).toBe(true)
    expect(requests.some(({ organizationIds }) => organizationIds.length > 0)).toBe(true)
    expect(requests.some(({ remoteLinks }) => remoteLinks.length > 0)).toBe(true)
    const { links } = open().state
    expect([...links.values()].filter(({ typeId }) => typeId === '10004').length).toBeGreaterThanOrEqual(25)
  })
})

describe('times of Jira', () => {
  it('are printed in a zone, in summer and in winter', () => {
    expect(toJiraTime(Date.parse('2024-11-29T18:44:51.887Z'), 'America/Los_Angeles')).toBe('2024-11-29T10:44:51.887-0800')
    expect(toJiraTime(Date.parse('2024-07-01T00:00:00Z'), 'America/Los_Angeles')).toBe('2024-06-30T17:00:00.000-0700')
    expect(toJiraTime(Date.parse('2024-07-01T00:00:00Z'), 'Asia/Kolkata')).toBe('2024-07-01T05:30:00.000+0530')
  })

  it('are read in a zone, also on the day of a clock change', () => {
    const local = (text: string) => fromLocal(Date.parse(`${text}Z`), 'America/Los_Angeles')
    expect(new Date(local('2026-03-08T01:59:00')).toISOString()).toBe('2026-03-08T09:59:00.000Z')
    expect(new Date(local('2026-03-08T03:00:00')).toISOString()).toBe('2026-03-08T10:00:00.000Z')
    expect(new Date(local('2026-11-01T12:00:00')).toISOString()).toBe('2026-11-01T20:00:00.000Z')
  })

  it('are durations with a sign', () => {
    expect(toDeskDuration(5_400_000)).toEqual({ millis: 5_400_000, friendly: '1h 30m' })
    expect(toDeskDuration(-60_000)).toEqual({ millis: -60_000, friendly: '-1m' })
  })
})

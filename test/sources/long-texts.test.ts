import { expect, it } from 'vitest'
import { adfToText } from '../../src/sources/adf.ts'
import { repairRecord } from '../../src/sources/wasabi/decode.ts'
import { fullRecords } from './full-records.ts'

// A text is read in a time that grows as its length does: the event loop waits for it.

const size = 50_000
/** In a square of the length, each takes 800 ms to 14 s. */
const maxMs = 400

function msOf(read: () => unknown): number {
  const { user } = process.cpuUsage()
  read()
  return (process.cpuUsage().user - user) / 1000
}

const doc = (text: string) => ({ type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] })

it('a document of Jira with long runs of blanks and lines', () => {
  const text = `a${' '.repeat(size)}b${'\n'.repeat(size)}c`
  expect(msOf(() => adfToText(doc(text)))).toBeLessThan(maxMs)
  expect(adfToText(doc(`${text} \t\n\n`))).toBe(text)
})

it('an event of Wasabi with a long run of blanks', () => {
  const text = `{"a":"${' '.repeat(size)}b"}`
  expect(msOf(() => repairRecord(text))).toBeLessThan(maxMs)
  expect(repairRecord(`${text} ,\n`)).toBe(text)
})

it('a message of Intercom with tags that do not end', () => {
  const [sample, read] = fullRecords.intercom()
  const part = { id: '1', part_type: 'comment', body: `<p>Hello</p>${'<p '.repeat(size)}` }
  const ticket = { ...(sample.ticket as object), ticket_parts: { ticket_parts: [part] } }
  expect(msOf(() => read({ ...sample, ticket }))).toBeLessThan(maxMs)
  expect(read({ ...sample, ticket })?.messages?.[0]?.body).toBe(`Hello\n${'<p '.repeat(size)}`)
})

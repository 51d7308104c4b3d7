import { expect, it } from 'vitest'
import type { SourceInfo } from '../../src/domain/source-info.ts'
import type { UserError } from '../../src/domain/writes.ts'
import {
  checkCreate,
  checkReassign,
  checkReply,
  checkUpdate,
  findUnsupported,
  requireText,
} from '../../src/tickets/check-input.ts'
import { toSourceInfo } from '../support/memory-ticket.ts'

// The texts by which people see what is wrong with their input. Each check runs within its test: Stryker notices no other call.

const info = toSourceInfo('a')
const taking = (differences: Partial<SourceInfo['capabilities']>) =>
  toSourceInfo('a', { capabilities: { ...info.capabilities, ...differences } })
const create = { source: 'a' }
const reply = { body: 'x', visibility: 'PUBLIC' } as const
const url = 'https://files.example/a.png'

it.each<[string, () => UserError[], UserError['code'], string, readonly string[]]>([
  [
    'a field that the source does not take',
    () => findUnsupported(taking({ takes: {} }), 'ESCALATE', { department: 'x' }),
    'NOT_SUPPORTED',
    'Memory a does not take `department` here.',
    ['department'],
  ],
  [
    'an address that is no e-mail address',
    () => checkCreate({ info }, { ...create, customer: { email: 'ann@' } }),
    'INVALID',
    'This is not an e-mail address.',
    ['customer', 'email'],
  ],
  [
    'an e-mail address with blanks around it',
    () => checkCreate({ info }, { ...create, customer: { email: ' ann@example.com' } }),
    'INVALID',
    'This is not an e-mail address.',
    ['customer', 'email'],
  ],
  [
    'all tags beside some to add',
    () => checkUpdate({ tags: ['a'], addTags: ['b'] }),
    'INVALID',
    'Give all `tags`, or those to add and to remove.',
    ['tags'],
  ],
  [
    'all tags beside some to remove',
    () => checkUpdate({ tags: [], removeTags: ['b'] }),
    'INVALID',
    'Give all `tags`, or those to add and to remove.',
    ['tags'],
  ],
  [
    'a status twice',
    () => checkUpdate({ status: 'OPEN', statusOption: '4' }),
    'INVALID',
    'Give `status` or `statusOption`.',
    ['statusOption'],
  ],
  [
    'a custom field twice',
    () =>
      checkUpdate({
        customFields: [
          { key: 'a', value: 1 },
          { key: 'a', value: 2 },
        ],
      }),
    'INVALID',
    'This field was given before.',
    ['customFields', '1', 'key'],
  ],
  [
    'a custom field with an object as its value',
    () =>
      checkUpdate({
        customFields: [
          { key: 'a', value: ['b', 1, true, null] },
          { key: 'c', value: [{ toString: 1 }] },
        ],
      }),
    'INVALID',
    'A value is a text, a number, true or false, or a list of them.',
    ['customFields', '1', 'value'],
  ],
  ['an empty message', () => checkReply(info, { ...reply, body: ' ' }), 'REQUIRED', '`body` must not be empty.', ['body']],
  ['an empty queue', () => requireText('queue', ''), 'REQUIRED', '`queue` must not be empty.', ['queue']],
  [
    'a format that no message has',
    () => checkReply(info, { ...reply, format: 'OTHER' }),
    'INVALID',
    'A message is TEXT, HTML or MARKDOWN.',
    ['format'],
  ],
  [
    'an assignment to no one',
    () => checkReassign({ group: ' ' }),
    'REQUIRED',
    'Name the new `assignee` or `group`, or say `unassign: true`.',
    ['assignee'],
  ],
  [
    'an assignment to two',
    () => checkReassign({ assignee: 'a', group: 'b' }),
    'INVALID',
    'Give one of `assignee`, `group` and `unassign`.',
    [],
  ],
  [
    'a file without its content',
    () => checkReply(info, { ...reply, attachments: [{ filename: 'a' }] }),
    'REQUIRED',
    'A file needs a `url` or an `uploadId`.',
    ['attachments', '0'],
  ],
  [
    'a file with two contents',
    () => checkReply(info, { ...reply, attachments: [{ filename: 'a', url, uploadId: 'u1' }] }),
    'INVALID',
    'Give the `url` of a file, or its `uploadId`.',
    ['attachments', '0'],
  ],
  [
    'an upload for a source that takes addresses',
    () => checkReply(info, { ...reply, attachments: [{ filename: 'a', uploadId: 'u1' }] }),
    'NOT_SUPPORTED',
    'Memory a does not take files by their `uploadId`.',
    ['attachments', '0', 'uploadId'],
  ],
  [
    'an address for a source that takes uploads',
    () => checkReply(taking({ attachments: 'UPLOAD' }), { ...reply, attachments: [{ filename: 'a', url }] }),
    'NOT_SUPPORTED',
    'Memory a does not take files by their `url`.',
    ['attachments', '0', 'url'],
  ],
])('%s is refused', (_, check, code, message, field) => {
  expect(check()).toEqual([{ code, message, field: ['input', ...field] }])
})

it.each<[string, () => UserError[]]>([
  ['a customer with an e-mail address', () => checkCreate({ info }, { ...create, customer: { email: 'ann@example.com' } })],
  ['a customer without an e-mail address', () => checkCreate({ info }, { ...create, customer: { name: 'Ann' } })],
  ['all tags, with none to add or to remove', () => checkUpdate({ tags: ['a'], addTags: [], removeTags: null })],
  ['tags to add and to remove', () => checkUpdate({ addTags: ['a'], removeTags: ['b'] })],
  ['plain text, which every source takes', () => findUnsupported(taking({ takes: {} }), 'REPLY', { ...reply, format: 'TEXT' })],
  [
    'fields without a value',
    () => findUnsupported(taking({ takes: {} }), 'REASSIGN', { group: null, reason: undefined, unassign: false }),
  ],
  ['an assignment to a group, with a blank assignee', () => checkReassign({ assignee: ' ', group: 'g' })],
])('%s is accepted', (_, check) => {
  expect(check()).toEqual([])
})

import { getNamedType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/domain/permissions.ts'
import type { Agent, Attachment } from '../../../src/domain/ticket.ts'
import { listFields } from '../../../src/graphql/schema/fields.ts'
import { createSchema } from '../../../src/graphql/schema/index.ts'
import { createTestGraph, resolverModes } from '../../support/graph/graph.ts'
import { customer, message, sourceInfo, ticket } from '../../support/graph/tickets.ts'
import { createMemorySource } from '../../support/memory-source.ts'

const source = sourceInfo('old', { mode: 'EVENT_FED' })
const agent = (email: string): Agent => ({ id: 'a', externalId: email, name: null, email })
const file = (url: string): Attachment => ({
  id: url,
  filename: 'f',
  url,
  size: null,
  contentType: null,
  expiresAt: null,
  requiresAuth: false,
})

/** As an earlier version of the gateway stored it, or a source without a base URL sends it. */
const stored = ticket(source, 't1', {
  url: 'javascript:alert(1)',
  links: [
    {
      kind: 'CHILD',
      system: 'OLD',
      externalId: '2',
      category: null,
      reason: null,
      creator: null,
      createdAt: null,
      url: '/t/2',
      ticketId: null,
    },
  ],
  attachments: [file('files/1.png'), file('https://desk.example/2.png')],
  messages: [{ ...message(source, 't1', 0, 'Hello'), attachments: [file('data:text/html,x')] }],
  assignee: agent('not an email'),
  createdBy: agent('ann@desk.example'),
  updatedBy: agent('Ann <ann@desk.example>'),
  customer: customer(source, 'c1', { email: 'unknown' }),
  raw: { customer: 'unknown', url: 'javascript:alert(1)' },
})

describe.each(resolverModes)('a field of a scalar with a format (resolvers %s)', (resolvers) => {
  it('is null where the ticket has another text, and `raw` keeps the text', async () => {
    const graph = createTestGraph({ sources: [createMemorySource(source, { tickets: [stored] })], resolvers })
    const query = `{ tickets(first: 1) { nodes {
      url raw
      links { url }
      attachments { url }
      threads { nodes { attachments { url } } }
      assignee { externalId email }
      createdBy { email }
      updatedBy { email }
      customer { email }
    } } }`
    expect(await graph.ask(query)).toEqual({
      data: {
        tickets: {
          nodes: [
            {
              url: null,
              raw: { customer: 'unknown', url: 'javascript:alert(1)' },
              links: [{ url: null }],
              attachments: [{ url: null }, { url: 'https://desk.example/2.png' }],
              threads: { nodes: [{ attachments: [{ url: null }] }] },
              assignee: { externalId: 'not an email', email: null },
              createdBy: { email: 'ann@desk.example' },
              updatedBy: { email: null },
              customer: { email: null },
            },
          ],
        },
      },
    })
  })
})

it('no such field is without the check', () => {
  const fields = listFields(createSchema()).filter(({ field }) => /^(URL|EmailAddress)$/.test(getNamedType(field.type).name))
  expect(fields.length).toBeGreaterThanOrEqual(6)
  const files = { addressOf: () => null }
  const call = { viewer: { ...anonymous, email: 'x' }, services: { files }, once: <T>(_: string, find: () => T) => find() }
  for (const { name, field } of fields) {
    const answer = field.resolve!({ [field.name]: 'javascript:x' }, {}, call as never, { fieldName: field.name } as never)
    expect([name, answer]).toEqual([name, null])
  }
})

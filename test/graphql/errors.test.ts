import { readFileSync } from 'node:fs'
import { GraphQLError, graphqlSync, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { DeskgraphError, errorCodes } from '../../src/domain/errors.ts'
import type { Failure } from '../../src/domain/telemetry.ts'
import { createErrorBoundary } from '../../src/graphql/errors.ts'
import { createSchema } from '../../src/graphql/schema/index.ts'

const schema = createSchema()
const site = { requestId: 'r1', operationName: null, transport: 'http' } as const

interface Options {
  readonly suggestions?: boolean
  report?(failure: Failure): void
}

const format = (error: unknown, { suggestions = true, report = () => {} }: Options = {}) =>
  createErrorBoundary({ suggestions, failures: { report } }).toClientError(error, site)

/** The first error of an operation, as a client sees it. */
function firstOf(source: string, variableValues: Record<string, unknown> = {}, more: Options = {}) {
  const [error] = graphqlSync({ schema, source, variableValues }).errors ?? []
  const { message, extensions } = format(error!, more)
  return { message, code: extensions!.code }
}

const create = 'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { outcome } }'
const list = 'query ($filter: TicketFilter) { tickets(filter: $filter) { totalCount } }'

describe('docs/errors.md', () => {
  it('has every code with its HTTP status and whether to try again', () => {
    const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| ([A-Z_]+) \| (\d+) \| (yes|no) \| (.+) \| (.+) \|$/gm)]
    const documented = rows.map(([, code, status, retryable]) => [
      code,
      { status: Number(status), retryable: retryable === 'yes' },
    ])
    expect(Object.fromEntries(documented)).toEqual(errorCodes)
    expect(rows).toHaveLength(Object.keys(errorCodes).length)
  })
})

describe('the error boundary', () => {
  it('says of our own error what it knows, and nothing of its cause', () => {
    const cause = new Error('GET https://secret.example/tickets answered {"email":"ann@example.com"}')
    const fault = new DeskgraphError('UPSTREAM_RATE_LIMITED', 'Slow down.', { source: 'verifik', retryAfter: 7, cause })
    const error = new GraphQLError(fault.message, { originalError: fault, path: ['ticket'] })
    expect(format(error)).toEqual({
      message: 'Slow down.',
      path: ['ticket'],
      extensions: { code: 'UPSTREAM_RATE_LIMITED', retryable: true, retryAfter: 7, source: 'verifik', requestId: 'r1' },
    })
  })

  it('finds our error behind several wrappings', () => {
    const fault = new DeskgraphError('FORBIDDEN', 'This needs the scope "x".')
    const once = new GraphQLError('wrapped', { originalError: fault })
    expect(format(new GraphQLError('again', { originalError: once })).extensions!.code).toBe('FORBIDDEN')
  })

  it('masks an error that was not written for clients, and reports it with the request id', () => {
    const reported: Failure[] = []
    const bug = new TypeError('cannot read ann@example.com of undefined')
    const error = new GraphQLError(bug.message, {
      originalError: bug,
      path: ['ticket'],
      extensions: { code: 'FORBIDDEN', secret: 'token' },
    })
    const shown = format(error, { report: (each) => reported.push(each) })
    expect(shown).toEqual({
      message: 'Something went wrong inside the gateway. The request id finds it in the log.',
      path: ['ticket'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', retryable: false, requestId: 'r1' },
    })
    expect(reported).toEqual([{ ...site, path: ['ticket'], code: 'INTERNAL_SERVER_ERROR', source: null, error: bug }])
    expect(format(new Error('boom')).extensions!.code).toBe('INTERNAL_SERVER_ERROR')
    const internal = new DeskgraphError('INTERNAL_SERVER_ERROR', 'the pool has 3 of 3 connections')
    expect(format(new GraphQLError('', { originalError: internal })).message).not.toContain('pool')
  })

  it('masks a null in a field that may not be null', () => {
    const error = new GraphQLError('Cannot return null for non-nullable field Ticket.id.', {
      nodes: [parse('{ a }').definitions[0]!],
      path: ['a'],
    })
    expect(format(error).extensions!.code).toBe('INTERNAL_SERVER_ERROR')
  })

  it('knows what the server refused by its code, and no code that is not in the table', () => {
    const withCode = (code: string) => format(new GraphQLError('x', { extensions: { code } })).extensions!.code
    expect(withCode('OPERATION_RESOLUTION_FAILURE')).toBe('OPERATION_RESOLUTION_FAILURE')
    expect(withCode('PERSISTED_QUERY_NOT_SUPPORTED')).toBe('PERSISTED_QUERY_NOT_SUPPORTED')
    expect(withCode('SOMETHING_ELSE')).toBe('INTERNAL_SERVER_ERROR')
    expect(withCode('toString')).toBe('INTERNAL_SERVER_ERROR')
  })

  it('tells a text that does not parse from one that does not fit', () => {
    expect(firstOf('{ tickets(')).toMatchObject({
      code: 'GRAPHQL_PARSE_FAILED',
      message: 'Syntax Error: Expected Name, found <EOF>.',
    })
    expect(firstOf('{ nothing }')).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' })
    expect(firstOf('query ($id: ID!) { ticket(id: $id) { id } }')).toEqual({
      code: 'BAD_USER_INPUT',
      message: 'Variable "$id" of required type "ID!" was not provided.',
    })
  })

  it('suggests names of the schema only where introspection is open', () => {
    expect(firstOf('{ ticket(id: "x") { titel } }').message).toBe(
      'Cannot query field "titel" on type "Ticket". Did you mean "title" or "type"?',
    )
    expect(firstOf('{ ticket(id: "x") { titel } }', {}, { suggestions: false }).message).toBe(
      'Cannot query field "titel" on type "Ticket".',
    )
    const [argument] = validate(schema, parse('{ tickets(frist: 1) { totalCount } }'))
    expect(format(argument!, { suggestions: false }).message).toBe('Unknown argument "frist" on field "Query.tickets".')
    const [fragment] = validate(schema, parse('{ viewer { ... on Viewr { id } } }'))
    expect(format(fragment!, { suggestions: false }).message).toBe('Unknown type "Viewr".')
    const wrong = { filter: { status: ['OPN'] } }
    expect(firstOf(list, wrong).message).toBe(
      'Variable "$filter" at "filter.status[0]": not a value of TicketStatus. Did you mean the enum value "OPEN"?',
    )
    expect(firstOf(list, wrong, { suggestions: false }).message).toBe(
      'Variable "$filter" at "filter.status[0]": not a value of TicketStatus.',
    )
    const unknownField = firstOf(list, { filter: { tag: ['x'] } }, { suggestions: false })
    expect(unknownField.message).toBe('Variable "$filter": TicketFilter has no field "tag".')
  })

  it('says where a variable is wrong without repeating its value', () => {
    const secret = 'ann.lee@private.example'
    const cases: [Record<string, unknown>, string][] = [
      [
        { source: 's', order: { externalId: '1', placedAt: secret } },
        'Variable "$input" at "input.order.placedAt": not a valid DateTime.',
      ],
      [{ source: 's', title: { secret } }, 'Variable "$input" at "input.title": not a valid String.'],
      [{ source: 's', customer: secret }, 'Variable "$input" at "input.customer": not a valid CustomerInput.'],
      [{ source: null, title: secret }, 'Variable "$input" at "input.source": may not be null.'],
      [{ title: secret }, 'Variable "$input": field "source" is missing.'],
      [
        { source: 's', attachments: [{ filename: 'a', url: secret }] },
        'Variable "$input" at "input.attachments[0].url": not a valid URL.',
      ],
      [{ source: 's', priority: secret }, 'Variable "$input" at "input.priority": not a value of TicketPriority.'],
      [
        { source: 's', order: { externalId: '1', placedAt: secret } },
        'Variable "$input" at "input.order.placedAt": not a valid DateTime.',
      ],
    ]
    for (const [input, message] of cases) expect(firstOf(create, { input })).toEqual({ code: 'BAD_USER_INPUT', message })
  })

  it('repeats no value that tries to look like a part of the message', () => {
    const sly = 'x"; Field "ann_lee" is not defined by type "secret". Did you mean "ann@private.example"?'
    const shown = firstOf(create, { input: { source: 's', order: { externalId: '1', placedAt: sly } } })
    expect(shown.message).toBe('Variable "$input" at "input.order.placedAt": not a valid DateTime.')
    const lines = firstOf(create, { input: { source: 's', title: { a: 'first\nsecond; Expected type "ann"' } } })
    expect(lines.message).toBe('Variable "$input" at "input.title": not a valid String.')
  })

  it('repeats no value that stands in the operation itself', () => {
    const inline =
      'mutation { createTicket(input: { source: "s", order: { externalId: "1", placedAt: "ann.lee at private" } }) { outcome } }'
    expect(firstOf(inline)).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED', message: 'This is not a valid DateTime.' })
    expect(firstOf('{ tickets(first: "ann.lee") { totalCount } }').message).toBe('This is not a valid Int.')
  })
})

import { randomUUID } from 'node:crypto'
import type { Reply } from '../simulator.ts'

/** A refusal: `{type: "error.list", request_id, errors: [{code, message, field}]}`. */
export function refused(status: number, code: string, message: string, field?: string): Reply {
  return { status, body: toErrorList(code, message, field) }
}

function toErrorList(code: string, message: string, field?: string): unknown {
  const error = field === undefined ? { code, message } : { code, message, field }
  return { type: 'error.list', request_id: randomUUID(), errors: [error] }
}

// Functions, not constants: each answer has a `request_id` of its own.

export const invalid = (message: string, field?: string): Reply => refused(400, 'parameter_invalid', message, field)
export const missing = (field: string): Reply => refused(400, 'parameter_not_found', `${field} is missing`, field)
export const mismatched = (field: string): Reply => refused(400, 'type_mismatch', `${field} has a value of the wrong type`, field)
export const noTicket = (): Reply => refused(404, 'ticket_not_found', 'Ticket not found')
export const noResource = (): Reply => refused(404, 'not_found', 'Resource Not Found')
export const noAssignee = (): Reply => refused(404, 'assignee_not_found', 'Assignee not found')
export const noAdmin = (): Reply => refused(404, 'admin_not_found', 'Admin not found')

/** The subscription of the workspace has ended. */
export const planRestricted = (): Reply => refused(403, 'api_plan_restricted', 'Active subscription needed.')

/** The body of an injected failure. */
export function toFailure(status: number): unknown {
  const [code, message] = failures[status] ?? (status < 500 ? ['client_error', 'Bad request'] : ['server_error', 'Server Error'])
  return toErrorList(code, message)
}

const failures: Readonly<Record<number, readonly [string, string]>> = {
  401: ['unauthorized', 'Access Token Invalid'],
  403: ['action_forbidden', 'The action is not authorized'],
  404: ['not_found', 'Resource Not Found'],
  408: ['request_timeout', 'The server timed out while processing the request'],
  409: ['conflict', 'There is existing data that clashes with the request data'],
  422: ['unprocessable_entity', 'The data was well-formed but invalid'],
  429: ['rate_limit_exceeded', 'Exceeded rate limit of 1666 in 10_seconds'],
  503: ['service_unavailable', 'The service is temporarily unavailable; retry later'],
}

/** Ends a call with a refusal. */
export class Refusal extends Error {
  readonly reply: Reply

  constructor(reply: Reply) {
    super('refused')
    this.reply = reply
  }
}

/** A `TicketPayload` as `TicketWrite` selects it. */
interface OptimisticPayload<Ticket> {
  readonly __typename: 'TicketPayload'
  readonly outcome: 'APPLIED'
  readonly userErrors: []
  readonly message: null
  readonly ticket: Ticket
}

/**
 * The answer that a write will probably have, for `optimisticResponse` of Apollo Client and Relay: the ticket with its changes. The cache takes it
 * back when the gateway refuses the write. `ticket` is a ticket of a list (`TicketRow`).
 */
export function optimisticWrite<Ticket extends object>(ticket: Ticket, changes: Partial<Ticket>): OptimisticPayload<Ticket> {
  return { __typename: 'TicketPayload', outcome: 'APPLIED', userErrors: [], message: null, ticket: { ...ticket, ...changes } }
}

/** What a mutation selects of its user errors. */
interface UserErrorFields {
  readonly field?: readonly string[] | null
  readonly message: string
  readonly retryable?: boolean
}

/** User errors sorted for a form: the message of each field by its path ("input.department"), and the rest. */
export interface FormErrors {
  readonly byField: Readonly<Record<string, string>>
  readonly general: readonly string[]
  /** True when nothing was changed and the same mutation may be sent again with the same `idempotencyKey`. */
  readonly mayRetry: boolean
}

export function toFormErrors(userErrors: readonly UserErrorFields[]): FormErrors {
  const byField: Record<string, string> = {}
  const general: string[] = []
  for (const { field, message } of userErrors) {
    if (field && field.length > 0) byField[field.join('.')] = message
    else general.push(message)
  }
  return { byField, general, mayRetry: userErrors.length > 0 && userErrors.every(({ retryable }) => retryable === true) }
}

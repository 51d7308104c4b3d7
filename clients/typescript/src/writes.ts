/** A `TicketPayload` as it is when the source has made the change. */
interface AppliedPayload<Ticket> {
  readonly __typename: 'TicketPayload'
  readonly outcome: 'APPLIED'
  readonly userErrors: []
  readonly ticket: Ticket
}

/**
 * The answer that a write will probably have, for `optimisticResponse` of Apollo Client: the ticket with its changes. The cache takes it back when the
 * source refuses the write. `ticket` is a ticket of a list (`TicketRow`). `@deskgraph/client/relay` has the same for Relay.
 */
export function optimisticWrite<Ticket extends object>(ticket: Ticket, changes: Partial<Ticket>): AppliedPayload<Ticket> {
  return { __typename: 'TicketPayload', outcome: 'APPLIED', userErrors: [], ticket: { ...ticket, ...changes } }
}

/** What a mutation selects of its user errors. */
interface UserErrorFields {
  readonly field?: readonly string[] | null | undefined
  readonly message: string
  readonly retryable?: boolean | undefined
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

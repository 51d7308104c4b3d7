/** A message that the account mails. */
export interface Mail {
  readonly ticketId: number
  readonly to: readonly string[]
  /** HTML. */
  readonly body: string
}

/** What the account mails to customers and agents. Nothing leaves the machine. */
export interface Outbox {
  send(mail: Mail): void
  /** All mails, oldest first. */
  mails(): readonly Mail[]
}

export function createOutbox(): Outbox {
  const mails: Mail[] = []
  return { send: (mail) => void mails.push(mail), mails: () => [...mails] }
}

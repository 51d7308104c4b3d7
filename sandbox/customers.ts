import { generateTickets } from './oneview/generate.ts'
import type { Random } from './random.ts'

/** A customer of one system of the sandbox, who writes to others too. */
export interface KnownCustomer {
  readonly name: string
  readonly email: string
  /** An order that the customer wrote to the first system about. */
  readonly orderId: string
}

/** How many of OneView's tickets are read. */
const tickets = 60

/** Some customers of the OneView that has this random, each once. */
export function customersOfOneView(random: Random, until: number): readonly KnownCustomer[] {
  const known = generateTickets(random, until, tickets).flatMap(({ customer, metadata }) =>
    customer?.email !== undefined && metadata?.orderId !== undefined
      ? [{ name: customer.name ?? customer.email, email: customer.email, orderId: metadata.orderId }]
      : [],
  )
  return [...new Map(known.map((customer) => [customer.email, customer])).values()]
}

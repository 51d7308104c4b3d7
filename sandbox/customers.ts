/** A customer of other systems of the sandbox. A simulator that takes a `Story` knows them with all of their orders and tickets. */
export interface KnownCustomer {
  readonly name: string
  readonly email: string
  /** An order that the customer wrote to another system about. */
  readonly orderId: string
}

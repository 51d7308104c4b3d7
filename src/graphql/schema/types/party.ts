import { ID } from 'type-graphql'
import type { Agent, Customer, Order, Vendor, VendorVertical } from '../../../domain/ticket.ts'
import { Always, GraphType, Maybe } from '../describe.ts'
import { VendorVerticalEnum } from '../enums/vendor-vertical-enum.ts'
import { DateTime, EmailAddress } from '../scalars.ts'
import { NodeType } from './node.ts'
import { SourceType } from './source.ts'

const pii = 'Needs the scope `customers:pii`: without it null, and the response carries `extensions.redacted`.'

@GraphType('Customer', 'Who needs help, as one source knows them. The same person in two sources is two customers.', NodeType)
export class CustomerType implements Customer {
  @Always(() => ID, 'Global id of this customer in this source.')
  readonly id!: string

  @Always(() => SourceType, 'The source that knows this customer.')
  readonly source!: SourceType

  @Always(() => String, 'The customer\'s id in its source, e.g. "12345678". The same text may name a ticket too.')
  readonly externalId!: string

  @Maybe(() => String, `Full name as the source writes it; null when it does not say. ${pii}`)
  readonly name!: string | null

  @Maybe(() => String, `First name, where the source keeps it apart. ${pii}`)
  readonly firstName!: string | null

  @Maybe(() => String, `Last name, where the source keeps it apart. ${pii}`)
  readonly lastName!: string | null

  @Maybe(() => EmailAddress, `E-mail address; null when the source gives none that is valid. ${pii}`)
  readonly email!: string | null

  @Maybe(() => String, `Telephone number as the source writes it, unformatted. ${pii}`)
  readonly phone!: string | null
}

@GraphType('Vendor', 'The restaurant or shop that a ticket is about.', NodeType)
export class VendorType implements Vendor {
  @Always(() => ID, 'Global id of this vendor in this source.')
  readonly id!: string

  @Always(() => SourceType, 'The source that knows this vendor.')
  readonly source!: SourceType

  @Always(() => String, 'The vendor\'s or store\'s id in its source, e.g. "v4xy".')
  readonly externalId!: string

  @Maybe(() => String, 'Name; null where the source only has ids (OneView).')
  readonly name!: string | null

  @Maybe(() => VendorVerticalEnum, 'What it sells; null when the source does not say.')
  readonly vertical!: VendorVertical | null
}

@GraphType('Agent', 'A member of support, as a source names one. Not a Node: no source offers agents by themselves.')
export class AgentType implements Agent {
  @Always(() => ID, 'Stable key for client caches; `node` does not read it.')
  readonly id!: string

  @Always(() => String, 'What the source names the agent by: an id, a name or an e-mail address.')
  readonly externalId!: string

  @Maybe(() => String, 'Name, when the source gives one beside the id.')
  readonly name!: string | null

  @Maybe(() => EmailAddress, 'E-mail address, when the source gives one.')
  readonly email!: string | null
}

@GraphType('Order', 'An order that a ticket is about: a reference, since the gateway does not read orders.')
export class OrderType implements Order {
  @Always(() => ID, 'Stable key for client caches; `node` does not read it.')
  readonly id!: string

  @Always(() => String, "The order's id in its own system.")
  readonly externalId!: string

  @Maybe(() => String, 'The market entity that the order belongs to, e.g. "FP_SG"; null when the source does not say.')
  readonly entityId!: string | null

  @Maybe(() => DateTime, 'When it was placed; null when the source does not say.')
  readonly placedAt!: string | null
}

import { Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import type { Vendor, VendorVertical } from '../../domain/ticket.ts'
import { enumOf } from './enum-of.ts'
import { NodeType } from './node.ts'
import { sourceOfPart } from './source-of-part.ts'

/** The 22 verticals of OneView, which writes them in lower case. */
const verticalValues: Record<VendorVertical, { description: string }> = {
  RESTAURANTS: { description: 'Prepared food.' },
  GROCERIES: { description: 'Food and household goods.' },
  FLOWERS: { description: 'Flowers and plants.' },
  COSMETICS: { description: 'Cosmetics and personal care.' },
  HEALTH_SUPPLEMENTS: { description: 'Vitamins and other supplements.' },
  PHARMACIES: { description: 'Pharmacy and medicines.' },
  PETS: { description: 'Pet food and supplies.' },
  DRINKS: { description: 'Beverages, with or without alcohol.' },
  CROSS_VERTICAL: { description: 'Several verticals at once.' },
  ELECTRONICS: { description: 'Electronic devices.' },
  BABY_SUPPLIES: { description: 'Products for babies.' },
  FURNITURE: { description: 'Furniture for homes.' },
  BAGS_AND_LUGGAGE: { description: 'Luggage and bags.' },
  TOYS: { description: 'Games and toys.' },
  OPTICS: { description: 'Glasses and contact lenses.' },
  COURIER: { description: 'Parcel delivery between private persons.' },
  COFFEE: { description: 'Coffee and coffee products.' },
  SHOP: { description: 'A shop of another kind.' },
  COURIER_BUSINESS: { description: 'Parcel delivery for businesses.' },
  CASH: { description: 'Cash withdrawal.' },
  DARKSTORES: { description: 'A warehouse that only delivers.' },
  UNKNOWN: { description: 'The source sent "unknown" or a value that this enum does not have.' },
}
const VendorVerticalEnum = enumOf(verticalValues)
registerEnumType(VendorVerticalEnum, {
  name: 'VendorVertical',
  description: 'The line of business of a vendor.',
  valuesConfig: verticalValues,
})

/** `Vendor.tickets` is in `ticket-lists.ts`. */
@ObjectType('Vendor', {
  description: 'The restaurant or shop that a ticket is about.',
  implements: NodeType,
  simpleResolvers: true,
})
export class VendorType implements Vendor {
  @Field(() => ID, { description: 'Global id of this vendor in this source.' })
  readonly id!: string

  @Field(() => String, { description: 'The id of the vendor or store in the source, e.g. "v4xy".' })
  readonly externalId!: string

  @Field(() => String, { nullable: true, description: 'Name; null when the source only has ids (OneView).' })
  readonly name!: string | null

  @Field(() => VendorVerticalEnum, { nullable: true, description: 'Line of business; null when the source does not tell.' })
  readonly vertical!: VendorVertical | null
}

export const VendorSourceResolver = sourceOfPart(VendorType, 'The source that knows this vendor.')

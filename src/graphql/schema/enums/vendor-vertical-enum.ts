import type { VendorVertical } from '../../../domain/ticket.ts'
import { describedEnum } from '../describe.ts'

/** OneView's 22 lower-case verticals, in upper case. */
export const VendorVerticalEnum = describedEnum<VendorVertical>('VendorVertical', 'What a vendor sells.', {
  RESTAURANTS: 'Cooked food.',
  GROCERIES: 'Food and household goods.',
  FLOWERS: 'Flowers and plants.',
  COSMETICS: 'Cosmetics and care.',
  HEALTH_SUPPLEMENTS: 'Vitamins and other supplements.',
  PHARMACIES: 'Medicines.',
  PETS: 'Pet food and supplies.',
  DRINKS: 'Drinks alone, with or without alcohol.',
  CROSS_VERTICAL: 'Several of these at once.',
  ELECTRONICS: 'Electronic goods.',
  BABY_SUPPLIES: 'Goods for babies.',
  FURNITURE: 'Furniture for homes.',
  BAGS_AND_LUGGAGE: 'Bags and luggage.',
  TOYS: 'Toys and games.',
  OPTICS: 'Glasses and lenses.',
  COURIER: 'Carries parcels between people.',
  COFFEE: 'Coffee and what goes with it.',
  SHOP: 'A shop of another kind.',
  COURIER_BUSINESS: 'Carries parcels for businesses.',
  CASH: 'Pays out cash.',
  DARKSTORES: 'A warehouse that only delivers.',
  UNKNOWN: 'The source said "unknown" or something that this graph has no word for.',
})

import { categoryGroups, marketKey, storeThresholdMinutes } from './catalogue.ts'

/** The routing file of the sandbox as plain data: one market, whose partners are at the receiver's address. */
export function createRouting(partnerOrigin: string, secret: string) {
  const partner = (key: string, events: string[], stores?: string[]) => ({
    key,
    url: `${partnerOrigin}/hooks/${key}`,
    secret,
    events,
    ...(stores ? { stores } : {}),
  })
  return {
    allowPrivateNetworks: ['127.0.0.1/32'],
    markets: [
      {
        key: marketKey,
        brand: 'plk',
        region: 'eu',
        storeSupportTicketTimeThresholdMinutes: storeThresholdMinutes,
        categoryGroups: categoryGroups.map(({ key, label, ticketType, subCategories }) => ({
          key,
          label,
          ticketType,
          subCategories: subCategories.map(({ comments: _, ...subCategory }) => subCategory),
        })),
        partners: [
          partner('careco', ['STORE_SUPPORT_TICKET_EVENT'], ['1001', '1002', '1003']),
          partner('atencion-sur', ['STORE_SUPPORT_TICKET_EVENT'], ['1004', '1005']),
          partner('apoio-lusitano', ['STORE_SUPPORT_TICKET_EVENT'], ['2001']),
          partner('regional', ['GENERAL_SUPPORT_TICKET_EVENT']),
        ],
      },
    ],
  }
}

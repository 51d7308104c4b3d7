/**
 * The support categories of the sandbox's market, as an operator would configure them, with comments of guests. `issueId`
 * is the market's Knowledge Force issue.
 */
export const categoryGroups = [
  {
    key: 'order',
    label: 'My order',
    ticketType: 'STORE',
    subCategories: [
      {
        key: 'missing-item',
        issueId: 'KF-102',
        submitToExternalPartners: true,
        selectRecentOrder: true,
        comments: [
          'Faltaban las patatas grandes y una salsa.',
          'Two wings short in the 12 piece box.',
          'O menu veio sem a bebida e sem o brinquedo.',
          'No venía el bocadillo de pollo, solo las bebidas.',
        ],
      },
      {
        key: 'late-delivery',
        issueId: 'KF-110',
        submitToExternalPartners: true,
        selectRecentOrder: true,
        comments: [
          'Llevo hora y media esperando y en la tienda no cogen el teléfono.',
          'Já passou uma hora e o estafeta não se mexe no mapa.',
          'Order still says preparing after 70 minutes.',
        ],
      },
      {
        key: 'wrong-order',
        issueId: 'KF-104',
        submitToExternalPartners: true,
        selectRecentOrder: true,
        comments: [
          'Me han dado el pedido de otra persona, el número no coincide.',
          'Asked for spicy, got the mild one. Again.',
          'Recebi nuggets em vez de tiras.',
        ],
      },
    ],
  },
  {
    key: 'restaurant',
    label: 'Restaurant experience',
    ticketType: 'STORE',
    subCategories: [
      {
        key: 'staff',
        issueId: 'KF-201',
        submitToExternalPartners: true,
        selectRecentOrder: true,
        comments: [
          'El encargado fue muy desagradable cuando pedí la factura.',
          'The young man at the counter was wonderful with my mother, please tell him.',
          'Funcionária recusou o cupão da aplicação.',
        ],
      },
      {
        key: 'cleanliness',
        issueId: 'KF-203',
        submitToExternalPartners: false,
        selectRecentOrder: true,
        comments: ['Las mesas de la terraza estaban sin limpiar a las 14:00.', 'Casa de banho fechada sem aviso.'],
      },
    ],
  },
  {
    key: 'app',
    label: 'App and account',
    ticketType: 'GENERAL',
    subCategories: [
      {
        key: 'coupon',
        issueId: 'KF-310',
        submitToExternalPartners: true,
        selectRecentOrder: false,
        comments: [
          'El cupón 2x1 no aparece en la aplicación desde la actualización.',
          'Coupon says expired but the banner says until Sunday.',
          'O código do aniversário não funciona.',
        ],
      },
      {
        key: 'payment',
        issueId: 'KF-315',
        submitToExternalPartners: true,
        selectRecentOrder: false,
        comments: [
          'Me han cobrado dos veces 18,90 €.',
          'MB WAY pago mas o pedido foi cancelado.',
          'Apple Pay is stuck on processing.',
        ],
      },
      {
        key: 'account',
        issueId: 'KF-320',
        submitToExternalPartners: false,
        selectRecentOrder: false,
        comments: ['Quiero borrar mi cuenta y todos mis datos.', 'Cannot change my e-mail, the code never arrives.'],
      },
    ],
  },
  {
    key: 'suggestions',
    label: 'Suggestions',
    ticketType: 'GENERAL',
    subCategories: [
      {
        key: 'menu',
        issueId: 'KF-401',
        submitToExternalPartners: true,
        selectRecentOrder: false,
        comments: [
          '¿Volverá la hamburguesa de trufa? La echamos de menos.',
          'Please bring back the red beans.',
          'Mais opções sem glúten, por favor.',
        ],
      },
    ],
  },
] as const

/** The stores of the market. Two of them have no partner. */
export const stores = [
  { id: '1001', name: 'Madrid Gran Vía', city: 'Madrid' },
  { id: '1002', name: 'Madrid Atocha', city: 'Madrid' },
  { id: '1003', name: 'Barcelona Glòries', city: 'Barcelona' },
  { id: '1004', name: 'València Nord', city: 'València' },
  { id: '1005', name: 'Sevilla Nervión', city: 'Sevilla' },
  { id: '1006', name: 'A Coruña Cuatro Caminos', city: 'A Coruña' },
  { id: '2001', name: 'Lisboa Colombo', city: 'Lisboa' },
  { id: '2002', name: 'Porto Boavista', city: 'Porto' },
] as const

const marketKey = 'plk-eu'
/** An older order makes a STORE ticket a GENERAL one. */
export const storeThresholdMinutes = 120

/** The content of the sandbox's routing file: one market, with partners at the receiver's address. */
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

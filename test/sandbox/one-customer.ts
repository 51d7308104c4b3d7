import type { Story } from '../../sandbox/story.ts'

/** A story without complaints, in which one customer has one order. */
export function storyOf(firstName: string, lastName: string, email: string, orderId: string): Story {
  const order = { id: orderId, item: 'laksa', shop: 'Laksa Lane', amount: 12.5 }
  const customer = {
    firstName,
    lastName,
    name: `${firstName} ${lastName}`,
    email,
    phone: '+65 555 010 010',
    region: 'sg',
  } as const
  return { customers: [{ ...customer, id: '65a1b2c3d4e5f60718293a4b', orders: [order] }], ticketsOf: () => [] }
}

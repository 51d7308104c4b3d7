import { groupBy } from './group-by.ts'
import { createPerson, type Person, type Region } from './people.ts'
import type { Random } from './random.ts'
import { plots } from './story-plots.ts'
import { dayMs, hourMs, minuteMs } from './times.ts'

/** The systems that tell the story. */
export type StorySystem = 'oneview' | 'verifik' | 'vcc' | 'wasabi' | 'rbi' | 'zendesk' | 'jira' | 'intercom' | 'freshdesk'

/** Names a ticket, also before it exists. */
export interface StoryRef {
  readonly system: StorySystem
  /** Its id in the API of its system. A VCC id is `projectId-ticketId`. Zendesk's and Freshdesk's count from 1, Jira's from 10001 (SUP-1). */
  readonly id: string
  /** What people call it: the key of a Jira issue, the `ticket_id` of an Intercom ticket; in other systems the id. */
  readonly label: string
  /** Its page for agents. The host is a reserved name (RFC 2606). */
  readonly url: string
}

/** What an integration writes in one system to name a ticket of another: the number that its API finds. Intercom's finds no `ticket_id`. */
export function toMirrorText({ system, id, label }: StoryRef): string {
  return system === 'intercom' ? id : label
}

export interface StoryOrder {
  /** "k3f9-x20a" */
  readonly id: string
  readonly item: string
  /** The restaurant or shop. */
  readonly shop: string
  readonly amount: number
}

/** A customer, the same one in every system that knows the e-mail address. */
export interface StoryCustomer extends Person {
  /** 24 hexadecimal digits. */
  readonly id: string
  /** Both names. */
  readonly name: string
  readonly region: Region
  /** One to three, never none. */
  readonly orders: readonly StoryOrder[]
}

/** `note`: for agents only. Times are milliseconds since 1970. */
export interface StoryMessage {
  readonly by: 'customer' | 'agent' | 'note'
  readonly text: string
  readonly at: number
}

/** One complaint as one system sees it. */
export interface StoryTicket extends StoryRef {
  /** `bug`: written by agents for developers. `partner`: about a restaurant. `escalation`: handed on by another desk. */
  readonly kind: 'complaint' | 'escalation' | 'bug' | 'partner'
  readonly customer: StoryCustomer
  readonly order: StoryOrder
  /** Of the customer: ISO 3166-1 ("SG"), and BCP 47 ("zh-TW"). */
  readonly country: string
  readonly language: string
  readonly reason: Reason
  readonly title: string
  /** Oldest first, at least one, none later than the end of the history. Systems without threads show the first one. */
  readonly messages: readonly StoryMessage[]
  readonly state: 'new' | 'open' | 'waiting' | 'solved'
  readonly createdAt: number
  /** The time of the last message. */
  readonly updatedAt: number
  /** The same complaint in other systems. A mirror may be missing in a small sandbox. */
  readonly mirrors: readonly StoryRef[]
}

/** What a complaint is about. */
export type Reason =
  | 'late'
  | 'missing'
  | 'wrong-item'
  | 'address'
  | 'refund'
  | 'double-charge'
  | 'voucher'
  | 'allergy'
  | 'invoice'
  | 'menu'
  | 'privacy'
  | 'app-fault'
  | 'damaged'
  | 'identity-check'

/** What happened to the customers of one company, as its systems tell it. */
export interface Story {
  readonly customers: readonly StoryCustomer[]
  /**
   * The story's tickets in a system that begins with `count` tickets: at most a third of them. A smaller count gets a
   * prefix of what a larger one gets. The first tickets are recent and of different kinds. Every other ticket is the
   * simulator's own, with ids that are not among these, and should be of the story's `customers` and their orders.
   */
  ticketsOf(system: StorySystem, count: number): readonly StoryTicket[]
}

/** A message: who writes, and what. The placeholders are `{order}`, `{item}`, `{shop}`, `{amount}`, `{minutes}`, `{name}`, and `{zendesk}` for the mirror there. */
export type Said = readonly ['customer' | 'agent' | 'note', string]

/** A complaint as one system sees it. */
export interface Side {
  readonly system: StorySystem
  readonly kind: StoryTicket['kind']
  readonly title: string
  readonly messages: readonly Said[]
}

/** A complaint, and the systems that it goes through in this order. */
export interface Plot {
  readonly region: Region
  readonly country: string
  readonly language: string
  readonly reason: Reason
  readonly sides: readonly Side[]
}

/** How many complaints there are, each in two to four systems. */
const complaints = 150
const customersPerRegion = 30
const regions: readonly Region[] = ['sg', 'my', 'th', 'ph', 'pk', 'tw', 'latam', 'europe', 'iberia']

/** The same random and end of the history give the same story. `until` is in milliseconds since 1970. */
export function createStory(random: Random, until: number): Story {
  const customers = createCustomers(random)
  const createRef = createRefs(random)
  const tickets = Array.from({ length: complaints }, (_, index) =>
    tellComplaint({ random, until, customers, createRef, index }),
  ).flat()
  const bySystem = groupBy(tickets, ({ system }) => system)
  return {
    customers,
    ticketsOf: (system, count) => (bySystem.get(system) ?? []).slice(0, Math.floor(count / 3)),
  }
}

function createCustomers(random: Random): readonly StoryCustomer[] {
  const addresses = new Set<string>()
  return regions.flatMap((region) =>
    Array.from({ length: customersPerRegion }, () => {
      let person = createPerson(random, region)
      while (addresses.has(person.email)) person = createPerson(random, region)
      addresses.add(person.email)
      const orders = Array.from({ length: random.int(1, 3) }, () => createOrder(random, region))
      return {
        ...person,
        id: random.text('0123456789abcdef', 24),
        name: `${person.firstName} ${person.lastName}`,
        region,
        orders,
      }
    }),
  )
}

const alphanumeric = 'abcdefghijklmnopqrstuvwxyz0123456789'
const kitchens: Partial<Record<Region, { readonly items: readonly string[]; readonly shops: readonly string[] }>> = {
  sg: { items: ['chicken rice', 'laksa', 'kaya toast set'], shops: ['Tiong Bahru Chicken', 'Laksa Lane', 'Kopi Corner'] },
  my: { items: ['nasi lemak', 'roti canai', 'char kuey teow'], shops: ['Warung Mak Som', 'Kedai Pak Din'] },
  th: { items: ['ผัดกะเพรา', 'ข้าวมันไก่', 'ต้มยำกุ้ง'], shops: ['ครัวคุณยาย', 'Sukhumvit Wok'] },
  ph: { items: ['chickenjoy bucket', 'halo-halo', 'pancit'], shops: ['Kusina ni Aling Rosa', 'Makati Grill'] },
  pk: { items: ['biryani', 'seekh kebab', 'karahi'], shops: ['Lahore Biryani House', 'Karachi Tikka'] },
  tw: { items: ['滷肉飯', '牛肉麵', '珍珠奶茶'], shops: ['巷口牛肉麵', '阿嬤小吃'] },
  latam: { items: ['bandeja paisa', 'arepa de choclo', 'açaí'], shops: ['La Fonda', 'Casa da Praia'] },
  iberia: { items: ['12 piece box', 'chicken sandwich menu', 'nuggets'], shops: ['PLK Gran Vía', 'PLK Sol'] },
}
const anyKitchen = {
  items: ['margherita', 'sushi set', 'Käsespätzle'],
  shops: ['Pizzeria Vesuvio', 'Sakura', 'Wirtshaus am Markt'],
}

function createOrder(random: Random, region: Region): StoryOrder {
  const { items, shops } = kitchens[region] ?? anyKitchen
  return {
    id: `${random.text(alphanumeric, 4)}-${random.text(alphanumeric, 4)}`,
    ...{ item: random.pick(items)!, shop: random.pick(shops)!, amount: random.int(690, 6490) / 100 },
  }
}

type CreateRef = (system: StorySystem) => StoryRef

/** The project of the call centre that has the story's tickets. */
const vccProject = 130

function createRefs(random: Random): CreateRef {
  const counts = new Map<string, number>()
  const next = (counter: string) => {
    counts.set(counter, (counts.get(counter) ?? 0) + 1)
    return counts.get(counter)!
  }
  const plain = (id: string) => ({ id, label: id })
  const ids: Record<StorySystem, () => { readonly id: string; readonly label: string }> = {
    oneview: () => plain(random.uuid()),
    verifik: () => plain(random.text('0123456789abcdef', 24)),
    vcc: () => plain(`${vccProject}-${5000 + next('vcc')}`),
    wasabi: () => plain(String(41_000_000 + 137 * next('wasabi'))),
    rbi: () => plain(random.uuid()),
    zendesk: () => plain(String(next('zendesk'))),
    jira: () => ({ id: String(10_000 + next('jira')), label: `SUP-${counts.get('jira')}` }),
    intercom: () => ({ id: String(215_470_000 + next('intercom')), label: String(counts.get('intercom')) }),
    freshdesk: () => plain(String(next('freshdesk'))),
  }
  return (system) => {
    const { id, label } = ids[system]()
    const page = { zendesk: 'agent/tickets', jira: 'browse', freshdesk: 'a/tickets' }[system as string] ?? 'tickets'
    return { system, id, label, url: `https://${system}.shop.example/${page}/${label}` }
  }
}

interface Telling {
  readonly random: Random
  readonly until: number
  readonly customers: readonly StoryCustomer[]
  readonly createRef: CreateRef
  readonly index: number
}

/** One complaint: a ticket in each system that saw it, the first one first. */
function tellComplaint({ random, until, customers, createRef, index }: Telling): readonly StoryTicket[] {
  const plot = plots[index % plots.length]!
  const customer = random.pick(customers.filter(({ region }) => region === plot.region))!
  const order = random.pick(customer.orders)!
  const refs = plot.sides.map(({ system }) => createRef(system))
  const labels = Object.fromEntries(refs.map(({ system, label }) => [`{${system}}`, label]))
  const values: Readonly<Record<string, string>> = {
    ...{ '{order}': order.id, '{item}': order.item, '{shop}': order.shop, '{amount}': order.amount.toFixed(2) },
    ...{ '{name}': customer.firstName, '{minutes}': String(random.int(35, 95)), ...labels },
  }
  const fill = (text: string) => text.replaceAll(/\{[a-z]+\}/g, (placeholder) => values[placeholder] ?? placeholder)
  // The first complaint of each plot is recent.
  const age = index < plots.length ? random.int(4, 40) * hourMs : random.int(2 * 24, 60 * 24) * hourMs
  let start = until - age
  return plot.sides.map(({ system: _, kind, title, messages }, side) => {
    let at = start
    const said = messages.map(([by, text]) => {
      const message = { by, text: fill(text), at }
      at += random.int(4, 50) * minuteMs
      return message
    })
    start += random.int(10, 40) * minuteMs
    const past = said.filter((message) => message.at <= until)
    return {
      ...{ ...refs[side]!, kind, customer, order, country: plot.country, language: plot.language, reason: plot.reason },
      ...{ title: fill(title), messages: past, state: toState(past, age), createdAt: past[0]!.at, updatedAt: past.at(-1)!.at },
      mirrors: refs.filter((_, other) => other !== side),
    }
  })
}

function toState(messages: readonly StoryMessage[], age: number): StoryTicket['state'] {
  if (age > 4 * dayMs) return 'solved'
  if (messages.length === 1) return 'new'
  return messages.at(-1)!.by === 'agent' ? 'waiting' : 'open'
}

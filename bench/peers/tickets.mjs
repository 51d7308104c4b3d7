import DataLoader from 'dataloader'
import { Agent, request } from 'undici'

// What all peers share: the graph of these workloads, the calls to the vendor and the translation.

export const typeDefs = `
  type Query { ticket(id: ID!): Ticket tickets(first: Int, after: String): TicketConnection! }
  type TicketConnection { nodes: [Ticket!]! }
  type Ticket {
    id: ID! externalId: String! title: String status: TicketStatus! sourceStatus: String statusReason: String queue: String
    channel: TicketChannel origin: String country: String language: String tags: [String!] priorityRank: Int sla: Float
    createdAt: String updatedAt: String assignee: Agent orders: [Order!] customer: Customer vendor: Vendor links: [TicketLink!]
  }
  enum TicketStatus { NEW OPEN IN_PROGRESS PENDING ON_HOLD ESCALATED RESOLVED CLOSED CANCELLED UNKNOWN }
  enum TicketChannel { CHAT EMAIL PHONE WEB APP SOCIAL API OTHER UNKNOWN }
  enum VendorVertical { RESTAURANTS GROCERIES FLOWERS PHARMACIES UNKNOWN }
  enum TicketLinkKind { CHILD PARENT RELATED UNKNOWN }
  type Agent { externalId: String! email: String }
  type Order { externalId: String! entityId: String }
  type Customer { id: ID! externalId: String! name: String firstName: String lastName: String email: String }
  type Vendor { id: ID! externalId: String! vertical: VendorVertical }
  type TicketLink {
    kind: TicketLinkKind! system: String! externalId: String! category: String reason: String creator: String createdAt: String
    ticket: Ticket
  }
`

const agent = new Agent({ connections: 64 })
const headers = { authorization: 'Bearer bench', accept: 'application/json' }

async function get(path) {
  const { body } = await request(`${process.env.UPSTREAM}${path}`, { dispatcher: agent, headers })
  return body.json()
}

const globalId = (kind, externalId) => Buffer.from(`${kind}oneview\0\0${externalId}`).toString('base64url')
const isoOf = (seconds) => new Date(seconds * 1000).toISOString()
const statuses = { ASSIGNED: 'IN_PROGRESS', ESCALATED: 'ESCALATED', CLOSED: 'CLOSED' }

function toTicket(wire) {
  const { metadata, customer, vendor } = wire
  return {
    id: globalId('T', wire.id),
    externalId: wire.id,
    title: metadata.ccr,
    status: statuses[wire.status] ?? 'UNKNOWN',
    sourceStatus: wire.status,
    statusReason: wire.statusReason,
    queue: wire.queue,
    channel: wire.channel.toUpperCase(),
    origin: wire.source,
    country: metadata.country,
    language: metadata.language,
    tags: metadata.tags,
    priorityRank: wire.priority,
    sla: metadata.sla,
    createdAt: isoOf(wire.createdAt),
    updatedAt: isoOf(wire.UpdatedAt),
    assignee: { externalId: wire.Assignee, email: wire.Assignee },
    orders: [{ externalId: metadata.orderId, entityId: metadata.entityId }],
    customer: { ...customer, id: globalId('C', customer.id), externalId: customer.id },
    vendor: { id: globalId('V', vendor.id), externalId: vendor.id, vertical: vendor.vertical.toUpperCase() },
    links: metadata.childrenLinks.map((link) => ({
      kind: 'CHILD',
      system: link.ticketIdType,
      externalId: link.ticketId,
      category: link.ticketCategory,
      reason: link.reason,
      creator: link.creator,
      createdAt: isoOf(link.createdAt),
    })),
  }
}

const readTicket = async (externalId) => toTicket(await get(`/v1/tickets/${externalId}`))

export const resolvers = {
  Query: {
    ticket: (_, { id }, { tickets }) => tickets.load(Buffer.from(id, 'base64url').toString().split('\0')[2]),
    // `after` is the number of the page before.
    tickets: async (_, { first = 25, after }) => {
      const { list } = await get(`/v1/tickets?page=${Number(after ?? 0) + 1}&pageSize=${first}`)
      return { nodes: list.map(toTicket) }
    },
  },
  TicketLink: { ticket: ({ externalId }, _, { tickets }) => tickets.load(externalId) },
}

export const createContext = () => ({ tickets: new DataLoader((ids) => Promise.all(ids.map(readTicket))) })

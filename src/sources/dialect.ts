import { z } from 'zod'
import type { TicketChannel } from '../domain/ticket.ts'
import { capability } from './vendor-api.ts'
import { createVocabulary } from './vocabulary.ts'

// Parts of the configuration of systems whose administrators choose the words: statuses, priorities and fields have other names in each
// installation.

const statusNames = ['NEW', 'OPEN', 'IN_PROGRESS', 'PENDING', 'ON_HOLD', 'ESCALATED', 'RESOLVED', 'CLOSED', 'CANCELLED'] as const
const priorityNames = ['LOW', 'MEDIUM', 'HIGH', 'URGENT'] as const
const fieldTypes = ['TEXT', 'NUMBER', 'BOOLEAN', 'DATE', 'CHOICE', 'CHOICES', 'USER', 'OTHER'] as const

/** The statuses of an installation by their names. `others`: what a status without an entry is. */
export function statusTable(defaults: Readonly<Record<string, (typeof statusNames)[number]>>, others: string) {
  return z.record(z.string(), z.enum(statusNames)).default(defaults).describe(`The statuses by their names. ${others}`)
}

export function priorityTable(defaults: Readonly<Record<string, (typeof priorityNames)[number]>>) {
  const table = z.record(z.string(), z.enum(priorityNames)).default(defaults)
  return table.describe('The priorities by their names. Another priority is UNKNOWN.')
}

/** The types of custom fields, where the vendor does not tell them to every account. */
export function fieldTypeTable(description: string) {
  return z
    .record(z.string(), z.enum(fieldTypes))
    .default({} as Record<string, (typeof fieldTypes)[number]>)
    .describe(description)
}

/** The custom fields that have what the model has fields for. */
export const fieldsOfModel = {
  channelField: z.string().min(1).optional().describe('The name of the custom field that has the channel.'),
  tagsField: z.string().min(1).optional().describe('The name of the custom field that has the tags.'),
}

/** The switches of a desk that can do all of this. */
export const deskCapabilities = z.strictObject({
  create: capability('Open tickets.'),
  update: capability('Change tickets.'),
  reply: capability('Write public messages.'),
  note: capability('Write internal notes.'),
  close: capability('Close tickets.'),
  reopen: capability('Reopen tickets.'),
  reassign: capability('Give tickets to another agent, or to none.'),
  transfer: capability('Move tickets to another queue.'),
})

/** The switches by the operations that they switch off. */
export function toSwitches({
  create,
  update,
  reply,
  note,
  close,
  reopen,
  reassign,
  transfer,
}: z.output<typeof deskCapabilities>) {
  return {
    ...{ CREATE: create, createForm: create, UPDATE: update, REPLY: reply, NOTE: note, CLOSE: close, REOPEN: reopen },
    ...{ REASSIGN: reassign, agents: reassign, groups: reassign, TRANSFER: transfer, transferQueues: transfer },
  }
}

/** What a name of an installation means by its table; undefined: it has no entry. */
export function byName<T>(table: Readonly<Record<string, T>>, name: string | null): T | undefined {
  return name !== null && Object.hasOwn(table, name) ? table[name] : undefined
}

/** The usual words of a custom field for the channel. */
export const usualChannels = createVocabulary<TicketChannel>(
  { email: 'EMAIL', mail: 'EMAIL', phone: 'PHONE', web: 'WEB', chat: 'CHAT', app: 'APP', social: 'SOCIAL', api: 'API' },
  { spelling: 'anyCase' },
)

/** All tags of a ticket after a change. */
export function changeTags(
  present: readonly string[],
  { tags, addTags, removeTags }: { readonly [K in 'tags' | 'addTags' | 'removeTags']?: readonly string[] | null },
): readonly string[] {
  const wanted = tags ?? [...present, ...(addTags ?? [])]
  return [...new Set(wanted)].filter((tag) => !removeTags?.includes(tag))
}

// 24 tickets with the ids 1 to 24, and three more that no list has. Every value follows from the id by a small rule, so that tests write
// their expected values by hand. `setup.pl` gives them to RT.

export const seededCount = 24
const queues = ['Network', 'Support', 'Billing'] as const
const channels = ['email', 'phone', 'web', 'chat'] as const
const hourMs = 3_600_000

/** Login, name, kind, and the time zone of the account. */
const people = [
  /** The agents of all queues. */
  ['ann', 'Ann Agent', 'agent', 'UTC'],
  ['ben', 'Ben Agent', 'agent', 'UTC'],
  /** As Ann, in another time zone. */
  ['tina', 'Tina Tokyo', 'agent', 'Asia/Tokyo'],
  /** Reads and answers tickets, and neither writes nor reads comments, nor changes tickets. */
  ['rita', 'Rita Reader', 'agent', 'UTC'],
  /** An agent of the queue Billing only. */
  ['otto', 'Otto Other', 'agent', 'UTC'],
  /** Customers: they see the tickets that they have requested. */
  ['carl', 'Carl Customer', 'customer', 'UTC'],
  ['dora', 'Dora Customer', 'customer', 'UTC'],
] as const
export type RtLogin = (typeof people)[number][0] | 'root'

/** Name, type, how many values (0: any number), and the values to choose from. */
const fields = [
  ['Channel', 'Select', 1, channels],
  ['Tags', 'Freeform', 0, null],
  ['External ref', 'Freeform', 1, null],
  ['Amount', 'Freeform', 1, null],
  ['Follow up', 'Date', 1, null],
  ['Call at', 'DateTime', 1, null],
  ['Regions', 'Select', 0, ['north', 'south']],
] as const

/** Ids 6, 12, … are resolved; 1, 7, … open; 2, 8, … stalled; 5 and 17 rejected; all others new. */
export function seededStatus(id: number): 'new' | 'open' | 'stalled' | 'resolved' | 'rejected' {
  if (id % 6 === 0) return 'resolved'
  if (id % 6 === 1) return 'open'
  if (id % 6 === 2) return 'stalled'
  return id % 12 === 5 ? 'rejected' : 'new'
}

/** Ids 1, 5, … are Ann's; 2, 6, … are Ben's; the others have no owner. */
export function seededOwner(id: number): 'ann' | 'ben' | null {
  return id % 4 === 1 ? 'ann' : id % 4 === 2 ? 'ben' : null
}

export function seededQueue(id: number): (typeof queues)[number] {
  return queues[id % 3] ?? 'Network'
}

/** Odd ids are from Carl, even ones from Dora. Ticket 9 is from Carl and Dora. */
export function seededRequestor(id: number): 'carl' | 'dora' {
  return id % 2 === 1 ? 'carl' : 'dora'
}

/** 100 for ids 5, 10, …; 0 for 1, 6, …; 20 for 2, 7, …; 50 for 3, 8, …; 70 for 4, 9, …. */
export function seededPriority(id: number): number {
  return [100, 0, 20, 50, 70][id % 5] ?? 0
}

export function seededTags(id: number): readonly string[] {
  return [['outage', 'vip'], ['vip'], [], ['vip']][id % 4] ?? []
}

export function seededChannel(id: number): (typeof channels)[number] {
  return channels[id % 4] ?? 'email'
}

/** Ticket 1 was opened at 01:00 on 1 January 2026, each next one an hour later. */
export function seededCreation(id: number): string {
  return new Date(Date.UTC(2026, 0, 1) + id * hourMs).toISOString()
}

/** Tickets 19 to 22 were changed in the same second, the others in different hours, in another order than they were opened. */
export function seededUpdate(id: number): string {
  return id >= 19 && id <= 22
    ? '2026-03-01T00:00:00.000Z'
    : new Date(Date.UTC(2026, 1, 1) + ((id * 7) % 60) * hourMs).toISOString()
}

/** In no list: merged into ticket 21, deleted, and a reminder on ticket 21. */
export const mergedId = 25
export const deletedId = 26
export const reminderId = 27

/** What `setup.pl` reads. */
export function toSeed() {
  const ids = Array.from({ length: seededCount }, (_, index) => index + 1)
  const further = [
    { ...toTicket(mergedId), subject: 'Merged', status: 'new', owner: null, messages: [], mergedInto: 21 },
    { ...toTicket(deletedId), subject: 'Deleted', status: 'deleted' },
    { ...toTicket(reminderId), subject: 'Reminder', kind: 'reminder', status: 'open', links: [['RefersTo', 21]] },
  ]
  return { people, fields, tickets: [...ids.map(toTicket), ...further] }
}

function toTicket(id: number) {
  const requestor = seededRequestor(id)
  return {
    id,
    creator: requestor,
    queue: seededQueue(id),
    subject: id === 7 ? 'Größe & Zeichen: "quotes" <tag> ✓' : `Ticket number ${id}`,
    requestors: id === 9 ? ['carl', 'dora'] : [requestor],
    cc: id === 1 || id === 2 ? ['ben'] : [],
    priority: seededPriority(id),
    body: id === 11 ? null : id === 14 ? '<p>Hello,<br>it is <b>broken</b>.</p>' : `Hello,\n\nproblem ${id} has happened ✓.\n`,
    type: id === 14 ? 'text/html' : 'text/plain',
    file: id % 10 === 0 ? [`log-${id}.txt`, `log of ${id}\n`] : null,
    fields: {
      Channel: seededChannel(id),
      ...(seededTags(id).length > 0 && { Tags: seededTags(id) }),
      'External ref': `EXT-${id}`,
      ...(id === 1 && {
        Amount: '12.5',
        'Follow up': '2026-03-01',
        'Call at': '2026-03-02 10:30:00',
        Regions: ['north', 'south'],
      }),
    },
    messages: toMessages(id),
    owner: seededOwner(id),
    status: seededStatus(id),
    due: id === 14 ? '2026-05-01 12:00:00' : null,
    links: toLinks(id),
    created: toColumn(seededCreation(id)),
    updated: toColumn(seededUpdate(id)),
  }
}

function toMessages(id: number): string[][] {
  return [
    ...(id % 4 === 0 ? [[seededRequestor(id), 'Correspond', `Question of the customer on ${id}`]] : []),
    ...(id % 2 === 0 ? [['ann', 'Correspond', `Answer of Ann on ${id}`]] : []),
    ...(id === 10 ? [['ben', 'Comment', '<p>Note of <b>Ben</b> on 10</p>', 'text/html']] : []),
    ...(id % 5 === 0 && id !== 10 ? [['ben', 'Comment', `Note of Ben on ${id}`]] : []),
  ]
}

function toLinks(id: number): (string | number)[][] {
  if (id === 2) return [['RefersTo', 1]]
  if (id === 4) return [['DependsOn', 3]]
  if (id === 10) return [['MemberOf', 9]]
  return id === 14 ? [['RefersTo', 'https://wiki.example/broken']] : []
}

function toColumn(instant: string): string {
  return instant.slice(0, 19).replace('T', ' ')
}

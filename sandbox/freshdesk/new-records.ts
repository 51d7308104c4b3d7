import { openedAt, supportEmail } from './installation.ts'
import type { Agent, Contact, Conversation } from './records.ts'
import type { FreshdeskState } from './state.ts'

// Records as the account begins them.

/** A contact without anything but a name and an address. */
export function newContact(state: Pick<FreshdeskState, 'nextId'>, name: string, email: string | null): Contact {
  return {
    ...{ id: state.nextId(), name, email, phone: null, mobile: null, uniqueExternalId: null, companyId: null, language: 'en' },
    ...{ createdAt: openedAt, updatedAt: openedAt },
  }
}

interface Reply {
  readonly body: string
  readonly author: Agent | Contact
  readonly requester: Contact
  readonly at: number
  readonly isTweet?: boolean
}

/** A public message of an agent or the customer. */
export function newReply(state: FreshdeskState, { body, author, requester, at, isTweet = false }: Reply): Conversation {
  const incoming = author.id === requester.id
  return {
    ...{ id: state.nextId(), body, incoming, private: false, source: isTweet ? 5 : 0, userId: author.id },
    fromEmail: incoming ? author.email : supportEmail,
    toEmails: [incoming ? supportEmail : (requester.email ?? '')].filter((address) => address !== ''),
    ...{ ccEmails: [], bccEmails: [], attachments: [], createdAt: at, updatedAt: at, edited: null },
  }
}

/** What an agent writes for the other agents. */
export function newNote(state: FreshdeskState, body: string, author: Agent, at: number): Conversation {
  return {
    ...{ id: state.nextId(), body, incoming: false, private: true, source: 2, userId: author.id, fromEmail: null, toEmails: [] },
    ...{ ccEmails: [], bccEmails: [], attachments: [], createdAt: at, updatedAt: at, edited: null },
  }
}

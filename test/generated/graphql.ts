/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Why an action is not available now. Show its button disabled, with this as the reason. */
export type ActionRefusal =
  /** The viewer lacks the scope `tickets:write`. */
  | 'FORBIDDEN'
  /** The source, or this deployment of it, does not support the action. It is permanent. */
  | 'NOT_SUPPORTED_BY_SOURCE'
  /** The source does not answer at the moment. Try again later. */
  | 'SOURCE_DOWN'
  /** The state in which the gateway last saw the ticket does not allow the action, e.g. CLOSED. */
  | 'WRONG_STATE';

/** The kind of an actor. */
export type ActorKind =
  /** A support agent. */
  | 'AGENT'
  /** The customer or guest. */
  | 'CUSTOMER'
  /** A support partner that receives routed tickets. */
  | 'PARTNER'
  /** Software, without a person. */
  | 'SYSTEM'
  /** The source does not tell. */
  | 'UNKNOWN';

/** A file of a new ticket or message: by its address, or by an upload. A source takes one of the two, or no files. */
export type AttachmentInput = {
  /** Media type, e.g. "image/png". */
  contentType?: string | null | undefined;
  /** File name with its extension. */
  filename: string;
  /** Size in bytes. */
  size?: number | null | undefined;
  /** Id of an upload to this source. */
  uploadId?: string | number | null | undefined;
  /** Address from which the source can download the file. */
  url?: string | null | undefined;
};

/** How files are attached to tickets and messages of a source. */
export type AttachmentSupport =
  /** No files can be attached. */
  | 'NONE'
  /** Files are uploaded. */
  | 'UPLOAD'
  /** The source fetches a file from `AttachmentInput.url`. */
  | 'URL';

/** The closing of a ticket, with its resolution. */
export type CloseTicketInput = {
  /** Global id of the ticket. */
  id: string | number;
  /** Idempotency key: any text of yours, e.g. a UUID per click. The same key with the same input returns the stored result and sends nothing; while the first request runs, the second waits for it. With another input it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Explanation of the resolution in words. */
  resolutionReason?: string | null | undefined;
  /** Resolution status: one of `resolutionStatuses`, e.g. "REFUNDED". */
  resolutionStatus?: string | null | undefined;
  /** Why the ticket is closed. */
  statusReason?: string | null | undefined;
};

/** An update of OneView without a value: it records an event of a chat. */
export type ConversationEvent =
  /** The agent answered the chat (UPDATE_CHAT_RESPONSE_TIME). */
  | 'CHAT_RESPONSE_TIME'
  /** The chat room is closed; the ticket stays open (CLOSE_CHAT_ROOM). */
  | 'CLOSE_CHAT_ROOM'
  /** The agent accepted the chat (UPDATE_PICKED_TIME). */
  | 'PICKED_TIME';

/** A new ticket. A field that the source does not take is refused as NOT_SUPPORTED. */
export type CreateTicketInput = {
  /** Files of the ticket. */
  attachments?: Array<AttachmentInput> | null | undefined;
  /** The source's category code; for a routed source, the key of the category group. */
  category?: string | null | undefined;
  /** Values of custom fields. */
  customFields?: Array<CustomFieldInput> | null | undefined;
  /** The customer who needs help. */
  customer?: CustomerInput | null | undefined;
  /** Full text of the request. Verifik requires it; a routed source sends it as the comments. */
  description?: string | null | undefined;
  /** Idempotency key: any text of yours, e.g. a UUID per click. The same key with the same input returns the stored result and sends nothing; while the first request runs, the second waits for it. With another input it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Market, e.g. "plk-eu". Only for a routed source (rbi) with several markets. */
  market?: string | null | undefined;
  /** The order in question. */
  order?: OrderInput | null | undefined;
  /** How urgent the ticket is. Verifik requires it. */
  priority?: TicketPriority | null | undefined;
  /** Queue of the ticket: a key of `transferQueues`. */
  queue?: string | null | undefined;
  /** Key of the source that gets the ticket. The source must have `canCreate`. */
  source: string;
  /** Id of the store. Only for a routed source: it routes a STORE ticket to the store's partner. */
  storeId?: string | null | undefined;
  /** Key of the sub-category. Only for a routed source. */
  subcategory?: string | null | undefined;
  /** The tags of the ticket. */
  tags?: Array<string> | null | undefined;
  /** Title in one line. Verifik requires it. */
  title?: string | null | undefined;
  /** Kind of the ticket: a key of the source's own kinds. */
  type?: string | null | undefined;
};

/** A file that will be sent to a source. */
export type CreateUploadInput = {
  /** Media type, e.g. "image/png". */
  contentType?: string | null | undefined;
  /** File name with its extension. */
  filename: string;
  /** Size in bytes. When it is given, exactly this many must be sent. */
  size?: number | null | undefined;
  /** Key of a source whose `capabilities.attachments` is UPLOAD. */
  source: string;
  /** Global id of the only ticket that the file is for; null: any of the source. */
  ticket?: string | number | null | undefined;
};

/** A new value of a custom field. */
export type CustomFieldInput = {
  /** Key of the field in its source. Each key once. */
  key: string;
  /** The value, in the form of the type of the field; null empties it. */
  value?: unknown;
};

/** The form of the value of a custom field or a form field. */
export type CustomFieldType =
  /** true or false. */
  | 'BOOLEAN'
  /** The key of one option. */
  | 'CHOICE'
  /** A list of keys of options. */
  | 'CHOICES'
  /** A day, as "2024-02-15". */
  | 'DATE'
  /** A point in time, as `DateTime`. */
  | 'DATETIME'
  /** A number. */
  | 'NUMBER'
  /** Another type: show `CustomField.text`. */
  | 'OTHER'
  /** Text of any length. */
  | 'TEXT'
  /** The id of an agent or customer in the source. */
  | 'USER';

/** The customer of a new ticket. */
export type CustomerInput = {
  /** E-mail address. One that is not valid is a user error of this field. */
  email?: string | null | undefined;
  /** The id of the customer in the source; null when it is not known. */
  externalId?: string | null | undefined;
  /** Full name. */
  name?: string | null | undefined;
  /** Phone number, in any format. */
  phone?: string | null | undefined;
};

/** The state of a delivery. */
export type DeliveryState =
  /** The gateway stopped trying. `replayDelivery` and `replayDeliveries` start again. */
  | 'DEAD'
  /** The partner answered with a status of 200 to 299. */
  | 'DELIVERED'
  /** The last attempt failed. The next one is at `nextAttemptAt`. */
  | 'FAILED'
  /** The partner's endpoint answered 410 and is switched off. It is sent when `enablePartner` switches the endpoint on. */
  | 'HELD'
  /** Not tried yet. */
  | 'PENDING';

/** The escalation of a ticket to a department. */
export type EscalateTicketInput = {
  /** Key of a department from `escalationDepartments`; null: the source decides (OneView: escalation version 1). */
  department?: string | null | undefined;
  /** Global id of the ticket. */
  id: string | number;
  /** Idempotency key: any text of yours, e.g. a UUID per click. The same key with the same input returns the stored result and sends nothing; while the first request runs, the second waits for it. With another input it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** What was done so far. */
  resolutionReason?: string | null | undefined;
  /** Reason of the escalation, for the next agent. */
  statusReason?: string | null | undefined;
};

/** How the gateway got the data of a ticket. */
export type FreshnessMode =
  /** Read from the source earlier and cached for a short, configured time. */
  | 'CACHED'
  /** Built from the events of the source, up to the last one received. */
  | 'EVENT_FED'
  /** Read from the source for this request. */
  | 'LIVE';

/** How changes in a source reach `ticketChanged`. */
export type LiveSupport =
  /** Changes are not noticed. */
  | 'NONE'
  /** The gateway reads the latest tickets every few seconds while a client subscribes. */
  | 'POLLING'
  /** The source sends every change. */
  | 'WEBHOOK';

/** The markup of a message. */
export type MessageFormat =
  /** HTML. It is untrusted: clean it before you show it, or show `text`. */
  | 'HTML'
  /** Markdown or a markup like it. */
  | 'MARKDOWN'
  /** Another markup. */
  | 'OTHER'
  /** Plain text. */
  | 'TEXT';

/** The audience of a message. When a source does not tell, it is INTERNAL, so that no internal note is shown to a customer. */
export type MessageVisibility =
  /** Only agents see the message. */
  | 'INTERNAL'
  /** The customer sees the message. */
  | 'PUBLIC';

/** Whether internal notes can be written in a source. */
export type NoteSupport =
  /** The source has no internal notes. */
  | 'NONE'
  /** It has notes, and cannot prove that one stays internal: the gateway refuses notes. */
  | 'UNVERIFIED'
  /** A note is proven to be internal before it is sent. */
  | 'VERIFIED';

/** The direction of a sort. */
export type OrderDirection =
  /** Ascending: oldest or lowest first. */
  | 'ASC'
  /** Descending: newest or highest first. */
  | 'DESC';

/** The order that a new ticket is about. */
export type OrderInput = {
  /** The id in the order system. */
  externalId: string;
  /** When the order was placed. Routing needs it: without it a STORE ticket is routed as GENERAL. */
  placedAt?: string | null | undefined;
};

/** How reliable the sort order of the tickets of one source is. */
export type Ordering =
  /** The source cannot sort this way, and the gateway did not read all its tickets. A ticket may come too late in the list. */
  | 'BEST_EFFORT'
  /** Every ticket is in its correct position. */
  | 'EXACT';

/** The state of a quarantined event. */
export type QuarantineState =
  /** Discarded by an administrator, with a reason. */
  | 'DISCARDED'
  /** Stored without effect, until an administrator decides. */
  | 'HELD'
  /** Processed at a later attempt; the ticket shows its effect. */
  | 'REPLAYED';

/** The assignment of a ticket: one of `assignee`, `group` and `unassign`. None of them is REQUIRED. */
export type ReassignTicketInput = {
  /** The new agent: an `Agent.externalId` (OneView: as its agents are called there, e.g. by e-mail address). */
  assignee?: string | null | undefined;
  /** The new group: a `Group.externalId`. */
  group?: string | null | undefined;
  /** Global id of the ticket. */
  id: string | number;
  /** Idempotency key: any text of yours, e.g. a UUID per click. The same key with the same input returns the stored result and sends nothing; while the first request runs, the second waits for it. With another input it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Reason, for the new agent and the history. */
  reason?: string | null | undefined;
  /** true: the ticket is assigned to no agent any more. */
  unassign?: boolean | null | undefined;
};

/** The reopening of a ticket that is resolved, closed or cancelled. */
export type ReopenTicketInput = {
  /** Global id of the ticket. */
  id: string | number;
  /** Idempotency key: any text of yours, e.g. a UUID per click. The same key with the same input returns the stored result and sends nothing; while the first request runs, the second waits for it. With another input it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Why the ticket is opened again. */
  statusReason?: string | null | undefined;
};

/** A new message in the conversation of a ticket. */
export type ReplyToTicketInput = {
  /** Files of the message. */
  attachments?: Array<AttachmentInput> | null | undefined;
  /** Text of the message. */
  body: string;
  /** Format of `body`; null: as the source takes text. A source that takes plain text alone refuses HTML and MARKDOWN. OTHER is INVALID. */
  format?: MessageFormat | null | undefined;
  /** Global id of the ticket. */
  id: string | number;
  /** Idempotency key: any text of yours, e.g. a UUID per click. The same key with the same input returns the stored result and sends nothing; while the first request runs, the second waits for it. With another input it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** The audience of the message. It has no default: a source without internal notes refuses INTERNAL. */
  visibility: MessageVisibility;
};

/** The routing of a ticket that no partner received yet. */
export type RouteTicketInput = {
  /** Global id of the ticket. */
  id: string | number;
  /** Idempotency key: any text of yours, e.g. a UUID per click. The same key with the same input returns the stored result and sends nothing; while the first request runs, the second waits for it. With another input it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
};

/** The kind of partner that receives a ticket. */
export type RoutingType =
  /** Partners that subscribed to the whole region. */
  | 'GENERAL'
  /** No partner: `rule` tells why. */
  | 'NONE'
  /** Partners that subscribed to the order's store. */
  | 'STORE';

/** How satisfied a customer is, in terms that all sources share. */
export type SatisfactionScore =
  /** The customer is not satisfied. */
  | 'BAD'
  /** The customer is satisfied. */
  | 'GOOD'
  /** Neither satisfied nor dissatisfied. */
  | 'NEUTRAL'
  /** The source sent a score that this enum does not have: see `sourceScore`. */
  | 'UNKNOWN';

/** What has to be done until a deadline. */
export type SlaKind =
  /** The first answer to the customer. */
  | 'FIRST_REPLY'
  /** The answer to the customer's latest message. */
  | 'NEXT_REPLY'
  /** Another target: see `name`. */
  | 'OTHER'
  /** The end of the work on the ticket. */
  | 'RESOLUTION';

/** How the gateway gets the tickets of a source. */
export type SourceMode =
  /** The source sends events, and the gateway stores the tickets. */
  | 'EVENT_FED'
  /** The gateway asks the source for every request. */
  | 'PULL';

/** The result of reading one source for one page or one count. */
export type SourceOutcome =
  /** The gateway made no call, because the rest of its calls is kept for others: see `retryAt`. */
  | 'BUDGET_HELD'
  /** The gateway made no call, because the source failed repeatedly just before. */
  | 'CIRCUIT_OPEN'
  /** The source failed in another way: see `error`. */
  | 'ERROR'
  /** The source refused this viewer. */
  | 'FORBIDDEN'
  /** The source answered. */
  | 'OK'
  /** The source refused, because it received too many requests: see `retryAt`. */
  | 'RATE_LIMITED'
  /** The gateway made no call: the filter excludes the source, an earlier page read all its tickets, or it cannot count what was to be counted. */
  | 'SKIPPED'
  /** The source did not answer within its deadline. */
  | 'TIMEOUT'
  /** The source refused the gateway's own credentials. The operator must act, not the viewer. */
  | 'UNAUTHENTICATED';

/** The health of a source in one word. */
export type SourceState =
  /** The source answers with more errors than usual, or more of its events become dead letters (`quarantine`). */
  | 'DEGRADED'
  /** The source does not answer, and calls fail at once until a probe succeeds; or its events cannot be stored. */
  | 'DOWN'
  /** This process has not called the source yet, or no event of it has ever come. */
  | 'UNKNOWN'
  /** The source answers, or its events come and are understood. */
  | 'UP';

/** A change to an existing ticket. Each action has its own mutation. */
export type TicketAction =
  /** Close the ticket: `closeTicket`. */
  | 'CLOSE'
  /** Escalate the ticket to a department: `escalateTicket`. */
  | 'ESCALATE'
  /** Add an internal note: `replyToTicket` with the visibility INTERNAL. */
  | 'NOTE'
  /** Assign the ticket to another agent or group, or to none: `reassignTicket`. */
  | 'REASSIGN'
  /** Reopen a ticket that is resolved, closed or cancelled: `reopenTicket`. */
  | 'REOPEN'
  /** Add a public message: `replyToTicket` with the visibility PUBLIC. */
  | 'REPLY'
  /** Route a ticket that has no partner yet: `routeTicket`. */
  | 'ROUTE'
  /** Move the ticket to another queue: `transferTicket`. */
  | 'TRANSFER'
  /** Change fields of the ticket: `updateTicket`. */
  | 'UPDATE';

/** The channel by which the customer contacted support. */
export type TicketChannel =
  /** Another program. */
  | 'API'
  /** Mobile app. */
  | 'APP'
  /** Live chat. */
  | 'CHAT'
  /** E-mail message. */
  | 'EMAIL'
  /** A known channel that this enum does not have: see `Ticket.origin`. */
  | 'OTHER'
  /** Phone call. */
  | 'PHONE'
  /** Social network or messenger. */
  | 'SOCIAL'
  /** The source sent a channel that the gateway does not know: see `Ticket.origin`. */
  | 'UNKNOWN'
  /** Form on a web page. */
  | 'WEB';

/** What tickets are grouped by when they are counted. */
export type TicketCountKey =
  /** By the external id of the assignee. */
  | 'ASSIGNEE'
  /** By `Ticket.channel`. */
  | 'CHANNEL'
  /** By `Ticket.priority`. */
  | 'PRIORITY'
  /** By `Ticket.queueKey`, or `Ticket.queue` where the queue has no key. */
  | 'QUEUE'
  /** By source: how many tickets match in each. */
  | 'SOURCE'
  /** By `Ticket.status`. */
  | 'STATUS';

/** The kind of a ticket event. */
export type TicketEventKind =
  /** The ticket was closed. */
  | 'CLOSED'
  /** The ticket was created, or the gateway saw it for the first time. */
  | 'CREATED'
  /** The source deleted the ticket. */
  | 'DELETED'
  /** A partner received the ticket. */
  | 'DELIVERED'
  /** An attempt to deliver the ticket to a partner failed. */
  | 'DELIVERY_FAILED'
  /** The ticket was escalated to a department. */
  | 'ESCALATED'
  /** A message was added. */
  | 'MESSAGE'
  /** The ticket was assigned to another agent. */
  | 'REASSIGNED'
  /** The gateway decided which partners receive the ticket. */
  | 'ROUTED'
  /** The status changed. */
  | 'STATUS_CHANGED'
  /** The ticket moved to another queue. */
  | 'TRANSFERRED'
  /** Fields of the ticket changed. */
  | 'UPDATED';

/** Conditions on tickets. A ticket must match every given field. A list means "any of"; null and [] are no condition, except `ids: []`, which matches nothing. An empty text is BAD_USER_INPUT. */
export type TicketFilter = {
  /** true: tickets assigned to the viewer: at each source by the login that the operator maps, else by the identity in the token (`Viewer.email`). A source where the viewer has no login is not read. BAD_USER_INPUT when the token has no identity. null and false are no condition. */
  assignedToMe?: boolean | null | undefined;
  /** Id, name or e-mail address of the assignee, as the source gives it. Case-insensitive. */
  assignee?: string | null | undefined;
  /** Any of these category codes: `TicketCategory.code`. */
  category?: Array<string> | null | undefined;
  /** Any of these channels. */
  channel?: Array<TicketChannel> | null | undefined;
  /** Created after this time. */
  createdAfter?: string | null | undefined;
  /** Created before this time. */
  createdBefore?: string | null | undefined;
  /** E-mail address of the customer, in all sources. Needs the scope `customers:pii`; without it FORBIDDEN. */
  customerEmail?: string | null | undefined;
  /** Global id of a customer. Only tickets of the customer's source match. */
  customerId?: string | number | null | undefined;
  /** Global ids of tickets, at most as many as the largest page size (100 by default). [] matches nothing. The tickets are read by their ids, so that sources without filters answer at once. */
  ids?: Array<string | number> | null | undefined;
  /** Id of an order in the order system: `Order.externalId`. */
  orderId?: string | null | undefined;
  /** Any of these priorities. Tickets without a priority do not match. */
  priority?: Array<TicketPriority> | null | undefined;
  /** Keys of the sources to read, e.g. ["oneview", "rbi"]. An unknown key is BAD_USER_INPUT. */
  sources?: Array<string> | null | undefined;
  /** Any of these statuses. */
  status?: Array<TicketStatus> | null | undefined;
  /** Any of these tags. */
  tags?: Array<string> | null | undefined;
  /** Text to find in the title, description, number or external id. Case-insensitive. */
  text?: string | null | undefined;
  /** true: tickets that no agent has. A source without assignees has only such tickets. null and false are no condition. */
  unassigned?: boolean | null | undefined;
  /** Last changed after this time. */
  updatedAfter?: string | null | undefined;
  /** Last changed before this time. */
  updatedBefore?: string | null | undefined;
  /** Global id of a vendor. Only tickets of the vendor's source match. */
  vendorId?: string | number | null | undefined;
};

/** A condition of `TicketFilter`. */
export type TicketFilterField =
  /** The conditions `assignee`, `assignedToMe` and `unassigned`. */
  | 'ASSIGNEE'
  /** The condition `category`. */
  | 'CATEGORY'
  /** The condition `channel`. */
  | 'CHANNEL'
  /** The conditions `createdAfter` and `createdBefore`. */
  | 'CREATED'
  /** The condition `customerId`. */
  | 'CUSTOMER'
  /** The condition `customerEmail`. */
  | 'CUSTOMER_EMAIL'
  /** The condition `ids`: the tickets are read by their ids. */
  | 'IDS'
  /** The condition `orderId`. */
  | 'ORDER'
  /** The condition `priority`. */
  | 'PRIORITY'
  /** The condition `sources`: which sources are read. */
  | 'SOURCES'
  /** The condition `status`. */
  | 'STATUS'
  /** The condition `tags`. */
  | 'TAGS'
  /** The condition `text`. */
  | 'TEXT'
  /** The conditions `updatedAfter` and `updatedBefore`. */
  | 'UPDATED'
  /** The condition `vendorId`. */
  | 'VENDOR';

/** How two tickets are linked. */
export type TicketLinkKind =
  /** This ticket waits for the linked one. */
  | 'BLOCKED_BY'
  /** The linked ticket waits for this one. */
  | 'BLOCKS'
  /** The linked ticket was created from this one. */
  | 'CHILD'
  /** This ticket repeats the request of the linked one. */
  | 'DUPLICATE'
  /** The linked ticket repeats the request of this one. */
  | 'DUPLICATED_BY'
  /** This ticket comes after the linked one in a plan. */
  | 'FOLLOWS'
  /** This ticket was merged into the linked one. */
  | 'MERGED_INTO'
  /** Both are the same ticket in two systems. */
  | 'MIRROR'
  /** This ticket was created from the linked one. */
  | 'PARENT'
  /** This ticket comes before the linked one in a plan. */
  | 'PRECEDES'
  /** Both are about the same subject. */
  | 'RELATED'
  /** The source does not tell. */
  | 'UNKNOWN';

/** Sort order of a list of tickets. Tickets with the same sort key are sorted by id, so that paging is stable. */
export type TicketOrder = {
  /** Ascending or descending. */
  direction: OrderDirection;
  /** The sort key. */
  field: TicketOrderField;
};

/** The sort key of a list of tickets. */
export type TicketOrderField =
  /** Time of creation. Tickets without it come last. */
  | 'CREATED_AT'
  /** Priority, from LOW to URGENT when ascending. Tickets without a priority come last. */
  | 'PRIORITY'
  /** Time of the last change. Tickets without it come last. */
  | 'UPDATED_AT';

/** The priority of a ticket. Sources that only give a number for sorting have `Ticket.priorityRank` instead. */
export type TicketPriority =
  /** Above the normal priority. */
  | 'HIGH'
  /** Below the normal priority. */
  | 'LOW'
  /** The normal priority. */
  | 'MEDIUM'
  /** The source sent a priority that this enum does not have: see `sourcePriority`. */
  | 'UNKNOWN'
  /** The highest priority. */
  | 'URGENT';

/** The status of a ticket, in terms that all sources share. `Ticket.sourceStatus` has the source's own word. */
export type TicketStatus =
  /** Ended without an answer. */
  | 'CANCELLED'
  /** Finished; no more work on it. */
  | 'CLOSED'
  /** Escalated to a department. */
  | 'ESCALATED'
  /** An agent works on it (OneView: ASSIGNED). */
  | 'IN_PROGRESS'
  /** Received; no agent has opened it yet. */
  | 'NEW'
  /** Paused on purpose. */
  | 'ON_HOLD'
  /** Waiting for an agent. */
  | 'OPEN'
  /** Waiting for the customer or a third party. */
  | 'PENDING'
  /** Answered; it may still be reopened. */
  | 'RESOLVED'
  /** The source sent a status that this enum does not have: see `sourceStatus`. */
  | 'UNKNOWN';

/** The transfer of a ticket to another queue. */
export type TransferTicketInput = {
  /** Global id of the ticket. */
  id: string | number;
  /** Idempotency key: any text of yours, e.g. a UUID per click. The same key with the same input returns the stored result and sends nothing; while the first request runs, the second waits for it. With another input it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Key of a queue from `transferQueues`, not its name. */
  queue: string;
};

/** Changes to a ticket. A field that is null or absent stays as it is. `ActionAvailability.fields` tells which ones the source takes; any other is NOT_SUPPORTED. OneView accepts exactly one kind of change per call: none or two are INVALID. */
export type UpdateTicketInput = {
  /** Tags to add to the existing ones. */
  addTags?: Array<string> | null | undefined;
  /** New category: the source's code. */
  category?: string | null | undefined;
  /** New contact reason: a code of `contactReasons` (OneView). */
  contactReasonCode?: string | null | undefined;
  /** New values of custom fields. Other custom fields stay. */
  customFields?: Array<CustomFieldInput> | null | undefined;
  /** New full text of the request. */
  description?: string | null | undefined;
  /** Market entity of the order, e.g. "FP_SG"; absent: that of the ticket (OneView). */
  entityId?: string | null | undefined;
  /** Event of a chat to record (OneView). */
  event?: ConversationEvent | null | undefined;
  /** Global id of the ticket. */
  id: string | number;
  /** Idempotency key: any text of yours, e.g. a UUID per click. The same key with the same input returns the stored result and sends nothing; while the first request runs, the second waits for it. With another input it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** `Ticket.updatedAt` as you know it: the update is a CONFLICT when the ticket has changed since. Where the source has no such condition, the gateway reads the ticket just before. A change in that moment is not noticed. */
  ifUpdatedAt?: string | null | undefined;
  /** New order id; "" removes the order, null keeps it (OneView). */
  orderId?: string | null | undefined;
  /** New priority. */
  priority?: TicketPriority | null | undefined;
  /** Tags to remove from the existing ones. */
  removeTags?: Array<string> | null | undefined;
  /** New status, if the source lets agents set it. */
  status?: TicketStatus | null | undefined;
  /** New status as a key of `Ticket.statusOptions`, where a unified status would be ambiguous. Not together with `status`. */
  statusOption?: string | null | undefined;
  /** New tags. The list replaces all existing tags. Not together with `addTags` and `removeTags`. */
  tags?: Array<string> | null | undefined;
  /** New title. */
  title?: string | null | undefined;
};

/** Why a mutation was rejected. */
export type UserErrorCode =
  /** The state of the ticket forbids it, or the idempotency key was used with another input. */
  | 'CONFLICT'
  /** The source refuses this agent. */
  | 'FORBIDDEN'
  /** A value is not acceptable: see `field`. */
  | 'INVALID'
  /** The source shows the internal note to the customer. This cannot be undone. */
  | 'NOTE_BECAME_PUBLIC'
  /** The ticket or the source does not exist, or the viewer may not see it. */
  | 'NOT_FOUND'
  /** The source does not support it. Nothing was sent. `Ticket.actions` tells this in advance. */
  | 'NOT_SUPPORTED'
  /** The source did not confirm the change. */
  | 'OUTCOME_UNKNOWN'
  /** A value is missing: see `field`. */
  | 'REQUIRED'
  /** The source refuses the gateway's own credentials. Nothing was changed. Tell the operator. */
  | 'SOURCE_AUTH_FAILED'
  /** The gateway called the source too often. Nothing was changed: send it again at `retryAt`. */
  | 'SOURCE_RATE_LIMITED'
  /** The source refused the change for a reason that the gateway does not know. Nothing was changed. */
  | 'SOURCE_REJECTED'
  /** The source cannot be reached, or has failed several times in a row. Nothing was changed: send it again at `retryAt`. */
  | 'SOURCE_UNAVAILABLE'
  /** The gateway's own database does not answer. Nothing was changed: send it again at `retryAt`. */
  | 'STORAGE_UNAVAILABLE';

/** The line of business of a vendor. */
export type VendorVertical =
  /** Products for babies. */
  | 'BABY_SUPPLIES'
  /** Luggage and bags. */
  | 'BAGS_AND_LUGGAGE'
  /** Cash withdrawal. */
  | 'CASH'
  /** Coffee and coffee products. */
  | 'COFFEE'
  /** Cosmetics and personal care. */
  | 'COSMETICS'
  /** Parcel delivery between private persons. */
  | 'COURIER'
  /** Parcel delivery for businesses. */
  | 'COURIER_BUSINESS'
  /** Several verticals at once. */
  | 'CROSS_VERTICAL'
  /** A warehouse that only delivers. */
  | 'DARKSTORES'
  /** Beverages, with or without alcohol. */
  | 'DRINKS'
  /** Electronic devices. */
  | 'ELECTRONICS'
  /** Flowers and plants. */
  | 'FLOWERS'
  /** Furniture for homes. */
  | 'FURNITURE'
  /** Food and household goods. */
  | 'GROCERIES'
  /** Vitamins and other supplements. */
  | 'HEALTH_SUPPLEMENTS'
  /** Glasses and contact lenses. */
  | 'OPTICS'
  /** Pet food and supplies. */
  | 'PETS'
  /** Pharmacy and medicines. */
  | 'PHARMACIES'
  /** Prepared food. */
  | 'RESTAURANTS'
  /** A shop of another kind. */
  | 'SHOP'
  /** Games and toys. */
  | 'TOYS'
  /** The source sent "unknown" or a value that this enum does not have. */
  | 'UNKNOWN';

/** The result of a mutation. */
export type WriteOutcome =
  /** The change was made. */
  | 'APPLIED'
  /** A part of the change was made: `userErrors` tells which part was not. */
  | 'PARTIAL'
  /** The gateway stored the change and will deliver it. */
  | 'QUEUED'
  /** Nothing changed: see `userErrors`. */
  | 'REJECTED'
  /** The source may or may not have made the change. It was not retried; check the ticket before you repeat it. */
  | 'UNKNOWN';

export type FirstQueryQueryVariables = Exact<{ [key: string]: never; }>;


export type FirstQueryQuery = { tickets: { nodes: Array<{ id: string, title: string | null, status: TicketStatus, source: { key: string }, customer: { name: string | null } | null, vendor: { vertical: VendorVertical | null } | null, links: Array<{ externalId: string }> | null, threads: { nodes: Array<{ body: string }> } | null }>, sources: Array<{ outcome: SourceOutcome, returned: number, source: { key: string } }> } | null };

export type ListTicketsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: TicketFilter | null | undefined;
  orderBy?: TicketOrder | null | undefined;
}>;


export type ListTicketsQuery = { tickets: { totalCount: number | null, edges: Array<{ cursor: string, node: { id: string, externalId: string, updatedAt: string | null, source: { key: string } } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null }, sources: Array<{ outcome: SourceOutcome, returned: number, matching: number | null, exhausted: boolean, ordering: Ordering, filtersApplied: Array<TicketFilterField>, code: string | null, error: string | null, retryAt: string | null, source: { key: string } }> } | null };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { key: string, email: string | null, name: string | null, scopes: Array<string> } };

export type SourcesQueryVariables = Exact<{ [key: string]: never; }>;


export type SourcesQuery = { sources: Array<{ id: string, key: string, system: string, label: string, mode: SourceMode, canCreate: boolean, actions: Array<TicketAction>, filters: Array<TicketFilterField>, capabilities: { reads: Array<string>, writes: Array<TicketAction>, updatableFields: Array<string>, lookups: Array<string>, notes: NoteSupport, attachments: AttachmentSupport, counts: boolean, countsBy: Array<TicketCountKey>, live: LiveSupport }, health: { state: SourceState, errorRate: number | null } }> };

export type LookupsQueryVariables = Exact<{
  source: string;
}>;


export type LookupsQuery = { source: { key: string, escalationDepartments: Array<{ key: string, label: string }> | null, transferQueues: Array<{ key: string, name: string, language: string | null }> | null, resolutionStatuses: Array<{ key: string, label: string }> | null, contactReasons: Array<{ code: string, label: string, language: string | null, level: number, parents: Array<{ code: string }> }> | null, agents: Array<{ id: string, externalId: string, name: string | null, email: string | null }> | null, groups: Array<{ id: string, externalId: string, name: string | null }> | null, createForm: Array<{ key: string, label: string, type: CustomFieldType, required: boolean, dependsOn: string | null, options: Array<{ key: string, label: string, parent: string | null }> | null }> | null, customFieldDefinitions: Array<{ key: string, label: string, type: CustomFieldType, required: boolean, writable: boolean, options: Array<{ key: string, label: string, parent: string | null }> | null }> | null } | null };

export type FormFieldPartsFragment = { key: string, label: string, type: CustomFieldType, required: boolean, dependsOn: string | null, options: Array<{ key: string, label: string, parent: string | null }> | null };

export type CustomerTicketsQueryVariables = Exact<{
  id: string | number;
  first?: number | null | undefined;
  filter?: TicketFilter | null | undefined;
}>;


export type CustomerTicketsQuery = { customer: { id: string, name: string | null, email: string | null, tickets: { totalCount: number | null, nodes: Array<{ externalId: string }>, sources: Array<{ source: { key: string } }> } } | null };

export type TicketByExternalIdQueryVariables = Exact<{
  source: string;
  externalId: string;
}>;


export type TicketByExternalIdQuery = { ticketByExternalId: { id: string, externalId: string } | null };

export type NodesQueryVariables = Exact<{
  ids: Array<string | number> | string | number;
}>;


export type NodesQuery = { nodes: Array<
    | { __typename: 'Customer', externalId: string, id: string }
    | { __typename: 'Delivery', state: DeliveryState, id: string }
    | { __typename: 'QuarantinedEvent', problem: string, id: string }
    | { __typename: 'Source', key: string, id: string }
    | { __typename: 'ThreadMessage', body: string, id: string }
    | { __typename: 'Ticket', title: string | null, id: string }
    | { __typename: 'TicketEvent', summary: string, id: string }
    | { __typename: 'Vendor', externalId: string, id: string }
   | null> };

export type PreviewRouteQueryVariables = Exact<{
  input: CreateTicketInput;
}>;


export type PreviewRouteQuery = { previewRoute: { type: RoutingType, partners: Array<string>, rule: string, trace: Array<string> } };

export type DeliveriesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  state?: Array<DeliveryState> | DeliveryState | null | undefined;
  partner?: string | null | undefined;
}>;


export type DeliveriesQuery = { deliveries: { edges: Array<{ cursor: string, node: { id: string, at: string | null, event: string, partner: string, state: DeliveryState, attempts: number, lastStatus: number | null, lastError: string | null, nextAttemptAt: string | null, deliveredAt: string | null, createdAt: string } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type QuarantineQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  source?: string | null | undefined;
}>;


export type QuarantineQuery = { quarantine: { nodes: Array<{ id: string, receivedAt: string, problem: string, body: unknown, state: QuarantineState, source: { key: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ReplayDeliveryMutationVariables = Exact<{
  id: string | number;
}>;


export type ReplayDeliveryMutation = { replayDelivery: { id: string, state: DeliveryState } | null };

export type ReplayQuarantinedMutationVariables = Exact<{
  id: string | number;
}>;


export type ReplayQuarantinedMutation = { replayQuarantined: { id: string, state: QuarantineState, problem: string } | null };

export type DiscardQuarantinedMutationVariables = Exact<{
  id: string | number;
  reason: string;
}>;


export type DiscardQuarantinedMutation = { discardQuarantined: { id: string, state: QuarantineState } | null };

export type ReplayDeliveriesMutationVariables = Exact<{
  partner: string;
  state?: Array<DeliveryState> | DeliveryState | null | undefined;
  first?: number | null | undefined;
}>;


export type ReplayDeliveriesMutation = { replayDeliveries: { done: number, failed: number, userErrors: Array<{ code: UserErrorCode, field: Array<string> | null, message: string }> } | null };

export type EnablePartnerMutationVariables = Exact<{
  source: string;
  partner: string;
}>;


export type EnablePartnerMutation = { enablePartner: { done: number, failed: number, userErrors: Array<{ code: UserErrorCode, field: Array<string> | null, message: string }> } | null };

export type ReplayAllQuarantinedMutationVariables = Exact<{
  source: string;
  first?: number | null | undefined;
}>;


export type ReplayAllQuarantinedMutation = { replayAllQuarantined: { done: number, failed: number, userErrors: Array<{ code: UserErrorCode, field: Array<string> | null, message: string }> } | null };

export type ReconcileSourceMutationVariables = Exact<{
  source: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  dryRun?: boolean | null | undefined;
  force?: boolean | null | undefined;
}>;


export type ReconcileSourceMutation = { reconcileSource: { checked: number, changedIds: Array<string>, removedIds: Array<string>, failed: number, total: number, endCursor: string | null, userErrors: Array<{ code: UserErrorCode, field: Array<string> | null, message: string }> } | null };

export type BulkPartsFragment = { done: number, failed: number, userErrors: Array<{ code: UserErrorCode, field: Array<string> | null, message: string }> };

export type TicketChangedSubscriptionVariables = Exact<{
  filter?: TicketFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type TicketChangedSubscription = { ticketChanged: { cursor: string, kind: TicketEventKind, gap: boolean, matches: boolean, message: { id: string, body: string } | null, event: { id: string, summary: string }, ticket: { id: string, externalId: string, status: TicketStatus } } };

export type CountTicketsQueryVariables = Exact<{
  by: TicketCountKey;
  filter?: TicketFilter | null | undefined;
}>;


export type CountTicketsQuery = { ticketCounts: { groups: Array<{ key: string | null, label: string | null, count: number, exact: boolean }>, sources: Array<{ outcome: SourceOutcome, counted: boolean, matching: number | null, code: string | null, error: string | null, retryAt: string | null, source: { key: string } }> } | null };

export type TicketWithEverythingQueryVariables = Exact<{
  id: string | number;
}>;


export type TicketWithEverythingQuery = { ticket: { id: string, externalId: string, number: string | null, url: string | null, title: string | null, description: string | null, status: TicketStatus, sourceStatus: string | null, statusReason: string | null, statusChangedAt: string | null, priority: TicketPriority | null, sourcePriority: string | null, priorityRank: number | null, type: string | null, channel: TicketChannel | null, origin: string | null, queue: string | null, queueKey: string | null, country: string | null, language: string | null, tags: Array<string> | null, sla: number | null, dueAt: string | null, firstReplyTimeInMinutes: number | null, createdAt: string | null, updatedAt: string | null, firstOpenedAt: string | null, lastOpenedAt: string | null, resolvedAt: string | null, deletedAt: string | null, raw: unknown, source: { id: string, key: string, system: string, label: string, mode: SourceMode, actions: Array<TicketAction>, canCreate: boolean, filters: Array<TicketFilterField>, capabilities: { reads: Array<string>, writes: Array<TicketAction>, updatableFields: Array<string>, lookups: Array<string>, notes: NoteSupport, attachments: AttachmentSupport, counts: boolean, countsBy: Array<TicketCountKey>, live: LiveSupport }, escalationDepartments: Array<{ key: string, label: string }> | null, transferQueues: Array<{ key: string, name: string, language: string | null }> | null, resolutionStatuses: Array<{ key: string, label: string }> | null, contactReasons: Array<{ code: string, label: string, language: string | null, level: number, parents: Array<{ code: string }> }> | null, agents: Array<{ id: string, externalId: string, name: string | null, email: string | null, source: { key: string } }> | null, groups: Array<{ id: string, externalId: string, name: string | null }> | null, createForm: Array<{ key: string, label: string, type: CustomFieldType, required: boolean, dependsOn: string | null, options: Array<{ key: string, label: string, parent: string | null }> | null }> | null, customFieldDefinitions: Array<{ key: string, label: string, type: CustomFieldType, required: boolean, writable: boolean, options: Array<{ key: string, label: string, parent: string | null }> | null }> | null, health: { state: SourceState, checkedAt: string | null, latencyP50Ms: number | null, latencyP99Ms: number | null, errorRate: number | null, lastError: string | null } }, category: { code: string, label: string | null, path: Array<string> } | null, reason:
      | { subscriptionContractIds: Array<string>, code: string, label: string | null }
      | { localLabel: string | null, code: string, label: string | null }
      | { code: string, label: string | null, orders: Array<{ id: string, externalId: string, entityId: string | null, placedAt: string | null, source: { key: string } }> }
      | { subtype: string | null, code: string, label: string | null }
     | null, assignee: { id: string, externalId: string, name: string | null, email: string | null, source: { key: string } } | null, group: { id: string, externalId: string, name: string | null, source: { key: string } } | null, followers: Array<{ kind: ActorKind, externalId: string | null, name: string | null }> | null, organization: { id: string, externalId: string, name: string | null, source: { key: string } } | null, createdBy: { id: string, externalId: string, name: string | null, email: string | null, source: { key: string } } | null, updatedBy: { id: string, externalId: string, name: string | null, email: string | null, source: { key: string } } | null, customer: { id: string, externalId: string, name: string | null, firstName: string | null, lastName: string | null, email: string | null, phone: string | null, source: { key: string } } | null, vendor: { id: string, externalId: string, name: string | null, vertical: VendorVertical | null, source: { key: string } } | null, orders: Array<{ id: string, externalId: string, entityId: string | null, placedAt: string | null, source: { key: string } }> | null, links: Array<{ kind: TicketLinkKind, system: string, externalId: string, category: string | null, reason: string | null, creator: string | null, createdAt: string | null, url: string | null, ticket: { id: string, title: string | null, status: TicketStatus } | null }> | null, threads: { totalCount: number | null, nodes: Array<{ id: string, at: string | null, body: string, format: MessageFormat, text: string, visibility: MessageVisibility, createdAt: string | null, author: { kind: ActorKind, externalId: string | null, name: string | null } | null, attachments: Array<{ id: string, filename: string, url: string | null, size: number | null, contentType: string | null, expiresAt: string | null, requiresAuth: boolean }> | null }>, edges: Array<{ cursor: string, node: { id: string } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null, timeline: { nodes: Array<
        | { id: string, at: string | null }
        | { id: string, at: string | null }
        | { id: string, at: string }
      >, edges: Array<{ cursor: string, node:
          | { id: string }
          | { id: string }
          | { id: string }
         }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null, customFields: Array<{ key: string, label: string | null, type: CustomFieldType, value: unknown, text: string | null }> | null, statusOptions: Array<{ key: string, label: string, status: TicketStatus, requires: Array<string> }> | null, slaTargets: Array<{ name: string, kind: SlaKind, dueAt: string | null, breached: boolean | null, paused: boolean | null, completedAt: string | null }> | null, satisfaction: { score: SatisfactionScore, sourceScore: string | null, comment: string | null, ratedAt: string | null } | null, attachments: Array<{ id: string, filename: string, url: string | null, size: number | null, contentType: string | null, expiresAt: string | null, requiresAuth: boolean }> | null, escalation: { department: string | null, reason: string | null, escalatedAt: string | null } | null, resolution: { status: string | null, reason: string | null, resolvedAt: string | null } | null, routing: { type: RoutingType, partners: Array<string>, rule: string, trace: Array<string>, deliveries: Array<{ id: string, at: string | null, event: string, partner: string, state: DeliveryState, attempts: number, lastStatus: number | null, lastError: string | null, nextAttemptAt: string | null, deliveredAt: string | null, createdAt: string }> } | null, events: { nodes: Array<{ id: string, kind: TicketEventKind, at: string, summary: string, actor: { kind: ActorKind, externalId: string | null, name: string | null } | null, changes: Array<{ field: string, before: string | null, after: string | null }> | null }>, edges: Array<{ cursor: string, node: { id: string } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null, freshness: { mode: FreshnessMode, observedAt: string }, actions: Array<{ action: TicketAction, allowed: boolean, reason: ActionRefusal | null, fields: Array<string> }> } | null };

export type PagePartsFragment = { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null };

export type MessagePartsFragment = { id: string, at: string | null, body: string, format: MessageFormat, text: string, visibility: MessageVisibility, createdAt: string | null, author: { kind: ActorKind, externalId: string | null, name: string | null } | null, attachments: Array<{ id: string, filename: string, url: string | null, size: number | null, contentType: string | null, expiresAt: string | null, requiresAuth: boolean }> | null };

export type ActorPartsFragment = { kind: ActorKind, externalId: string | null, name: string | null };

export type AgentPartsFragment = { id: string, externalId: string, name: string | null, email: string | null, source: { key: string } };

export type OrderPartsFragment = { id: string, externalId: string, entityId: string | null, placedAt: string | null, source: { key: string } };

export type AttachmentPartsFragment = { id: string, filename: string, url: string | null, size: number | null, contentType: string | null, expiresAt: string | null, requiresAuth: boolean };

export type CreateTicketMutationVariables = Exact<{
  input: CreateTicketInput;
}>;


export type CreateTicketMutation = { createTicket: { outcome: WriteOutcome, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, retryable: boolean, retryAt: string | null }>, ticket: { id: string, externalId: string, status: TicketStatus, sourceStatus: string | null } | null, message: { id: string, body: string, visibility: MessageVisibility, createdAt: string | null } | null } | null };

export type UpdateTicketMutationVariables = Exact<{
  input: UpdateTicketInput;
}>;


export type UpdateTicketMutation = { updateTicket: { outcome: WriteOutcome, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, retryable: boolean, retryAt: string | null }>, ticket: { id: string, externalId: string, status: TicketStatus, sourceStatus: string | null } | null, message: { id: string, body: string, visibility: MessageVisibility, createdAt: string | null } | null } | null };

export type ReplyToTicketMutationVariables = Exact<{
  input: ReplyToTicketInput;
}>;


export type ReplyToTicketMutation = { replyToTicket: { outcome: WriteOutcome, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, retryable: boolean, retryAt: string | null }>, ticket: { id: string, externalId: string, status: TicketStatus, sourceStatus: string | null } | null, message: { id: string, body: string, visibility: MessageVisibility, createdAt: string | null } | null } | null };

export type EscalateTicketMutationVariables = Exact<{
  input: EscalateTicketInput;
}>;


export type EscalateTicketMutation = { escalateTicket: { outcome: WriteOutcome, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, retryable: boolean, retryAt: string | null }>, ticket: { id: string, externalId: string, status: TicketStatus, sourceStatus: string | null } | null, message: { id: string, body: string, visibility: MessageVisibility, createdAt: string | null } | null } | null };

export type CloseTicketMutationVariables = Exact<{
  input: CloseTicketInput;
}>;


export type CloseTicketMutation = { closeTicket: { outcome: WriteOutcome, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, retryable: boolean, retryAt: string | null }>, ticket: { id: string, externalId: string, status: TicketStatus, sourceStatus: string | null } | null, message: { id: string, body: string, visibility: MessageVisibility, createdAt: string | null } | null } | null };

export type ReopenTicketMutationVariables = Exact<{
  input: ReopenTicketInput;
}>;


export type ReopenTicketMutation = { reopenTicket: { outcome: WriteOutcome, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, retryable: boolean, retryAt: string | null }>, ticket: { id: string, externalId: string, status: TicketStatus, sourceStatus: string | null } | null, message: { id: string, body: string, visibility: MessageVisibility, createdAt: string | null } | null } | null };

export type ReassignTicketMutationVariables = Exact<{
  input: ReassignTicketInput;
}>;


export type ReassignTicketMutation = { reassignTicket: { outcome: WriteOutcome, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, retryable: boolean, retryAt: string | null }>, ticket: { id: string, externalId: string, status: TicketStatus, sourceStatus: string | null } | null, message: { id: string, body: string, visibility: MessageVisibility, createdAt: string | null } | null } | null };

export type TransferTicketMutationVariables = Exact<{
  input: TransferTicketInput;
}>;


export type TransferTicketMutation = { transferTicket: { outcome: WriteOutcome, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, retryable: boolean, retryAt: string | null }>, ticket: { id: string, externalId: string, status: TicketStatus, sourceStatus: string | null } | null, message: { id: string, body: string, visibility: MessageVisibility, createdAt: string | null } | null } | null };

export type RouteTicketMutationVariables = Exact<{
  input: RouteTicketInput;
}>;


export type RouteTicketMutation = { routeTicket: { outcome: WriteOutcome, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, retryable: boolean, retryAt: string | null }>, ticket: { id: string, externalId: string, status: TicketStatus, sourceStatus: string | null } | null, message: { id: string, body: string, visibility: MessageVisibility, createdAt: string | null } | null } | null };

export type PayloadFragment = { outcome: WriteOutcome, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, retryable: boolean, retryAt: string | null }>, ticket: { id: string, externalId: string, status: TicketStatus, sourceStatus: string | null } | null, message: { id: string, body: string, visibility: MessageVisibility, createdAt: string | null } | null };

export type CreateUploadMutationVariables = Exact<{
  input: CreateUploadInput;
}>;


export type CreateUploadMutation = { createUpload: { upload: { uploadId: string, url: string, expiresAt: string } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string> | null, message: string }> } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const FormFieldPartsFragmentDoc = new TypedDocumentString(`
    fragment FormFieldParts on FormField {
  key
  label
  type
  required
  dependsOn
  options {
    key
    label
    parent
  }
}
    `, {"fragmentName":"FormFieldParts"}) as unknown as TypedDocumentString<FormFieldPartsFragment, unknown>;
export const BulkPartsFragmentDoc = new TypedDocumentString(`
    fragment BulkParts on BulkPayload {
  done
  failed
  userErrors {
    code
    field
    message
  }
}
    `, {"fragmentName":"BulkParts"}) as unknown as TypedDocumentString<BulkPartsFragment, unknown>;
export const PagePartsFragmentDoc = new TypedDocumentString(`
    fragment PageParts on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}
    `, {"fragmentName":"PageParts"}) as unknown as TypedDocumentString<PagePartsFragment, unknown>;
export const ActorPartsFragmentDoc = new TypedDocumentString(`
    fragment ActorParts on Actor {
  kind
  externalId
  name
}
    `, {"fragmentName":"ActorParts"}) as unknown as TypedDocumentString<ActorPartsFragment, unknown>;
export const AttachmentPartsFragmentDoc = new TypedDocumentString(`
    fragment AttachmentParts on Attachment {
  id
  filename
  url
  size
  contentType
  expiresAt
  requiresAuth
}
    `, {"fragmentName":"AttachmentParts"}) as unknown as TypedDocumentString<AttachmentPartsFragment, unknown>;
export const MessagePartsFragmentDoc = new TypedDocumentString(`
    fragment MessageParts on ThreadMessage {
  id
  at
  body
  format
  text
  visibility
  createdAt
  author {
    ...ActorParts
  }
  attachments {
    ...AttachmentParts
  }
}
    fragment ActorParts on Actor {
  kind
  externalId
  name
}
fragment AttachmentParts on Attachment {
  id
  filename
  url
  size
  contentType
  expiresAt
  requiresAuth
}`, {"fragmentName":"MessageParts"}) as unknown as TypedDocumentString<MessagePartsFragment, unknown>;
export const AgentPartsFragmentDoc = new TypedDocumentString(`
    fragment AgentParts on Agent {
  id
  source {
    key
  }
  externalId
  name
  email
}
    `, {"fragmentName":"AgentParts"}) as unknown as TypedDocumentString<AgentPartsFragment, unknown>;
export const OrderPartsFragmentDoc = new TypedDocumentString(`
    fragment OrderParts on Order {
  id
  source {
    key
  }
  externalId
  entityId
  placedAt
}
    `, {"fragmentName":"OrderParts"}) as unknown as TypedDocumentString<OrderPartsFragment, unknown>;
export const PayloadFragmentDoc = new TypedDocumentString(`
    fragment Payload on TicketPayload {
  outcome
  userErrors {
    code
    message
    field
    retryable
    retryAt
  }
  ticket {
    id
    externalId
    status
    sourceStatus
  }
  message {
    id
    body
    visibility
    createdAt
  }
}
    `, {"fragmentName":"Payload"}) as unknown as TypedDocumentString<PayloadFragment, unknown>;
export const FirstQueryDocument = new TypedDocumentString(`
    query FirstQuery {
  tickets(first: 50) {
    nodes {
      id
      title
      status
      source {
        key
      }
      customer {
        name
      }
      vendor {
        vertical
      }
      links {
        externalId
      }
      threads {
        nodes {
          body
        }
      }
    }
    sources {
      source {
        key
      }
      outcome
      returned
    }
  }
}
    `, {"hash":"sha256:563d7980dd290290bb11e87fe580f6ebca8503ed0980f059330e3933ffd4a2e0"}) as unknown as TypedDocumentString<FirstQueryQuery, FirstQueryQueryVariables>;
export const ListTicketsDocument = new TypedDocumentString(`
    query ListTickets($first: Int, $after: String, $filter: TicketFilter, $orderBy: TicketOrder) {
  tickets(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    totalCount
    edges {
      cursor
      node {
        id
        externalId
        updatedAt
        source {
          key
        }
      }
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
    sources {
      source {
        key
      }
      outcome
      returned
      matching
      exhausted
      ordering
      filtersApplied
      code
      error
      retryAt
    }
  }
}
    `, {"hash":"sha256:39aceaf65ee4af8a2acfb8850496913e4354f6171c7f8debd2bc1fa8b8c48983"}) as unknown as TypedDocumentString<ListTicketsQuery, ListTicketsQueryVariables>;
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  viewer {
    key
    email
    name
    scopes
  }
}
    `, {"hash":"sha256:fc63bd767907ed782d4e130e1f756cfbf8913c99e9655a213769df189faa55c3"}) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;
export const SourcesDocument = new TypedDocumentString(`
    query Sources {
  sources {
    id
    key
    system
    label
    mode
    canCreate
    actions
    filters
    capabilities {
      reads
      writes
      updatableFields
      lookups
      notes
      attachments
      counts
      countsBy
      live
    }
    health {
      state
      errorRate
    }
  }
}
    `, {"hash":"sha256:f2af1fe2951a8e6433ba05749cc5fb157a89b3d5f20ea70c7b6c287b420a37de"}) as unknown as TypedDocumentString<SourcesQuery, SourcesQueryVariables>;
export const LookupsDocument = new TypedDocumentString(`
    query Lookups($source: String!) {
  source(key: $source) {
    key
    escalationDepartments {
      key
      label
    }
    transferQueues {
      key
      name
      language
    }
    resolutionStatuses {
      key
      label
    }
    contactReasons(first: 10) {
      code
      label
      language
      level
      parents {
        code
      }
    }
    agents(search: "ann", first: 10) {
      id
      externalId
      name
      email
    }
    groups(first: 10) {
      id
      externalId
      name
    }
    createForm {
      ...FormFieldParts
    }
    customFieldDefinitions {
      key
      label
      type
      required
      writable
      options {
        key
        label
        parent
      }
    }
  }
}
    fragment FormFieldParts on FormField {
  key
  label
  type
  required
  dependsOn
  options {
    key
    label
    parent
  }
}`, {"hash":"sha256:61cdb653490c31240995c15db231b4a9f2e201714867f4ef5b1473708668ec76"}) as unknown as TypedDocumentString<LookupsQuery, LookupsQueryVariables>;
export const CustomerTicketsDocument = new TypedDocumentString(`
    query CustomerTickets($id: ID!, $first: Int, $filter: TicketFilter) {
  customer(id: $id) {
    id
    name
    email
    tickets(first: $first, filter: $filter) {
      totalCount
      nodes {
        externalId
      }
      sources {
        source {
          key
        }
      }
    }
  }
}
    `, {"hash":"sha256:86c3395ed8eb717965530dac13085cd26fe2e8ad5c9c6177a58d82562c07c750"}) as unknown as TypedDocumentString<CustomerTicketsQuery, CustomerTicketsQueryVariables>;
export const TicketByExternalIdDocument = new TypedDocumentString(`
    query TicketByExternalId($source: String!, $externalId: String!) {
  ticketByExternalId(source: $source, externalId: $externalId) {
    id
    externalId
  }
}
    `, {"hash":"sha256:7b7da65480dffd8ccaa1ac34ebb8e6184d353afb3976481f434a3330ad983c4b"}) as unknown as TypedDocumentString<TicketByExternalIdQuery, TicketByExternalIdQueryVariables>;
export const NodesDocument = new TypedDocumentString(`
    query Nodes($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    id
    ... on Ticket {
      title
    }
    ... on Customer {
      externalId
    }
    ... on Vendor {
      externalId
    }
    ... on Source {
      key
    }
    ... on ThreadMessage {
      body
    }
    ... on Delivery {
      state
    }
    ... on TicketEvent {
      summary
    }
    ... on QuarantinedEvent {
      problem
    }
  }
}
    `, {"hash":"sha256:cec232e055c4057879f9e3e96287bb5fbdbc78643c31d4c37959eea8009811cf"}) as unknown as TypedDocumentString<NodesQuery, NodesQueryVariables>;
export const PreviewRouteDocument = new TypedDocumentString(`
    query PreviewRoute($input: CreateTicketInput!) {
  previewRoute(input: $input) {
    type
    partners
    rule
    trace
  }
}
    `, {"hash":"sha256:6bc43bfdb958e9a6ddaccf8a48a0d1d15fe414dc8ba554b226d712ae61e99ef3"}) as unknown as TypedDocumentString<PreviewRouteQuery, PreviewRouteQueryVariables>;
export const DeliveriesDocument = new TypedDocumentString(`
    query Deliveries($first: Int, $after: String, $state: [DeliveryState!], $partner: String) {
  deliveries(first: $first, after: $after, state: $state, partner: $partner) {
    edges {
      cursor
      node {
        id
        at
        event
        partner
        state
        attempts
        lastStatus
        lastError
        nextAttemptAt
        deliveredAt
        createdAt
      }
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
  }
}
    `, {"hash":"sha256:51dd4c8330762a1ba1e170018e2283f8b747a7350b3f40caf4c71a21fca2bc69"}) as unknown as TypedDocumentString<DeliveriesQuery, DeliveriesQueryVariables>;
export const QuarantineDocument = new TypedDocumentString(`
    query Quarantine($first: Int, $after: String, $source: String) {
  quarantine(first: $first, after: $after, source: $source) {
    nodes {
      id
      source {
        key
      }
      receivedAt
      problem
      body
      state
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `, {"hash":"sha256:52fb6cc7140456a30461573e02c2e02ea0f61b934246cf147eea04d53df2d751"}) as unknown as TypedDocumentString<QuarantineQuery, QuarantineQueryVariables>;
export const ReplayDeliveryDocument = new TypedDocumentString(`
    mutation ReplayDelivery($id: ID!) {
  replayDelivery(id: $id) {
    id
    state
  }
}
    `, {"hash":"sha256:0d7485ed4f1e92b55ce3dc1dded401e55c599c27cb3c6c0335e4576b9cc27d0d"}) as unknown as TypedDocumentString<ReplayDeliveryMutation, ReplayDeliveryMutationVariables>;
export const ReplayQuarantinedDocument = new TypedDocumentString(`
    mutation ReplayQuarantined($id: ID!) {
  replayQuarantined(id: $id) {
    id
    state
    problem
  }
}
    `, {"hash":"sha256:f352c831f106fc334bdbc4b9bc09eedf5fa243fe30929206927c603fa9f4ff3a"}) as unknown as TypedDocumentString<ReplayQuarantinedMutation, ReplayQuarantinedMutationVariables>;
export const DiscardQuarantinedDocument = new TypedDocumentString(`
    mutation DiscardQuarantined($id: ID!, $reason: String!) {
  discardQuarantined(id: $id, reason: $reason) {
    id
    state
  }
}
    `, {"hash":"sha256:da582ba9d0968cbc2a93140e7722bad80c9c9ca26f7b80df3ec8bab2d5dc95e3"}) as unknown as TypedDocumentString<DiscardQuarantinedMutation, DiscardQuarantinedMutationVariables>;
export const ReplayDeliveriesDocument = new TypedDocumentString(`
    mutation ReplayDeliveries($partner: String!, $state: [DeliveryState!], $first: Int) {
  replayDeliveries(partner: $partner, state: $state, first: $first) {
    ...BulkParts
  }
}
    fragment BulkParts on BulkPayload {
  done
  failed
  userErrors {
    code
    field
    message
  }
}`, {"hash":"sha256:11bf8322c7614b0594f2859626a387e9bf0135b32f92661c9a47ff8d69d9128c"}) as unknown as TypedDocumentString<ReplayDeliveriesMutation, ReplayDeliveriesMutationVariables>;
export const EnablePartnerDocument = new TypedDocumentString(`
    mutation EnablePartner($source: String!, $partner: String!) {
  enablePartner(source: $source, partner: $partner) {
    ...BulkParts
  }
}
    fragment BulkParts on BulkPayload {
  done
  failed
  userErrors {
    code
    field
    message
  }
}`, {"hash":"sha256:b5d058075061eccfb235c5c3f630e413a205f8462a3d972de8ddc69085e4ef61"}) as unknown as TypedDocumentString<EnablePartnerMutation, EnablePartnerMutationVariables>;
export const ReplayAllQuarantinedDocument = new TypedDocumentString(`
    mutation ReplayAllQuarantined($source: String!, $first: Int) {
  replayAllQuarantined(source: $source, first: $first) {
    ...BulkParts
  }
}
    fragment BulkParts on BulkPayload {
  done
  failed
  userErrors {
    code
    field
    message
  }
}`, {"hash":"sha256:3feef8685454eafee9b9f0dc3453e9b379d13e3369503f30b915b3f1252cce02"}) as unknown as TypedDocumentString<ReplayAllQuarantinedMutation, ReplayAllQuarantinedMutationVariables>;
export const ReconcileSourceDocument = new TypedDocumentString(`
    mutation ReconcileSource($source: String!, $first: Int, $after: String, $dryRun: Boolean, $force: Boolean) {
  reconcileSource(
    source: $source
    first: $first
    after: $after
    dryRun: $dryRun
    force: $force
  ) {
    checked
    changedIds
    removedIds
    failed
    total
    endCursor
    userErrors {
      code
      field
      message
    }
  }
}
    `, {"hash":"sha256:2e10ef1b80de1b09927dbfc50c53c7e22966a96279f9fc5cde07d74525147041"}) as unknown as TypedDocumentString<ReconcileSourceMutation, ReconcileSourceMutationVariables>;
export const TicketChangedDocument = new TypedDocumentString(`
    subscription TicketChanged($filter: TicketFilter, $after: String) {
  ticketChanged(filter: $filter, after: $after) {
    cursor
    kind
    gap
    matches
    message {
      id
      body
    }
    event {
      id
      summary
    }
    ticket {
      id
      externalId
      status
    }
  }
}
    `, {"hash":"sha256:499473147ac02056e99b8823bd9d4464ec64a0872e200d112c41498aa6572f09"}) as unknown as TypedDocumentString<TicketChangedSubscription, TicketChangedSubscriptionVariables>;
export const CountTicketsDocument = new TypedDocumentString(`
    query CountTickets($by: TicketCountKey!, $filter: TicketFilter) {
  ticketCounts(by: $by, filter: $filter) {
    groups {
      key
      label
      count
      exact
    }
    sources {
      source {
        key
      }
      outcome
      counted
      matching
      code
      error
      retryAt
    }
  }
}
    `, {"hash":"sha256:9c28a048a3a0225fa1f9b20c271464eb20bb2289b014c258329ef379e952baf1"}) as unknown as TypedDocumentString<CountTicketsQuery, CountTicketsQueryVariables>;
export const TicketWithEverythingDocument = new TypedDocumentString(`
    query TicketWithEverything($id: ID!) {
  ticket(id: $id) {
    id
    externalId
    number
    url
    title
    description
    status
    sourceStatus
    statusReason
    statusChangedAt
    priority
    sourcePriority
    priorityRank
    type
    channel
    origin
    queue
    queueKey
    country
    language
    tags
    sla
    dueAt
    firstReplyTimeInMinutes
    createdAt
    updatedAt
    firstOpenedAt
    lastOpenedAt
    resolvedAt
    deletedAt
    source {
      id
      key
      system
      label
      mode
      actions
      canCreate
      filters
      capabilities {
        reads
        writes
        updatableFields
        lookups
        notes
        attachments
        counts
        countsBy
        live
      }
      escalationDepartments {
        key
        label
      }
      transferQueues {
        key
        name
        language
      }
      resolutionStatuses {
        key
        label
      }
      contactReasons {
        code
        label
        language
        level
        parents {
          code
        }
      }
      agents {
        ...AgentParts
      }
      groups {
        id
        externalId
        name
      }
      createForm {
        key
        label
        type
        required
        dependsOn
        options {
          key
          label
          parent
        }
      }
      customFieldDefinitions {
        key
        label
        type
        required
        writable
        options {
          key
          label
          parent
        }
      }
      health {
        state
        checkedAt
        latencyP50Ms
        latencyP99Ms
        errorRate
        lastError
      }
    }
    category {
      code
      label
      path
    }
    reason {
      code
      label
      ... on OrderReason {
        orders {
          ...OrderParts
        }
      }
      ... on CancellationReason {
        subscriptionContractIds
      }
      ... on SubjectAccessRequestReason {
        subtype
      }
      ... on GeneralReason {
        localLabel
      }
    }
    assignee {
      ...AgentParts
    }
    group {
      id
      source {
        key
      }
      externalId
      name
    }
    followers {
      ...ActorParts
    }
    organization {
      id
      source {
        key
      }
      externalId
      name
    }
    createdBy {
      ...AgentParts
    }
    updatedBy {
      ...AgentParts
    }
    customer {
      id
      source {
        key
      }
      externalId
      name
      firstName
      lastName
      email
      phone
    }
    vendor {
      id
      source {
        key
      }
      externalId
      name
      vertical
    }
    orders {
      ...OrderParts
    }
    links {
      kind
      system
      externalId
      category
      reason
      creator
      createdAt
      url
      ticket {
        id
        title
        status
      }
    }
    threads {
      totalCount
      nodes {
        ...MessageParts
      }
      edges {
        cursor
        node {
          id
        }
      }
      pageInfo {
        ...PageParts
      }
    }
    timeline {
      nodes {
        id
        at
      }
      edges {
        cursor
        node {
          id
        }
      }
      pageInfo {
        ...PageParts
      }
    }
    customFields {
      key
      label
      type
      value
      text
    }
    statusOptions {
      key
      label
      status
      requires
    }
    slaTargets {
      name
      kind
      dueAt
      breached
      paused
      completedAt
    }
    satisfaction {
      score
      sourceScore
      comment
      ratedAt
    }
    attachments {
      ...AttachmentParts
    }
    escalation {
      department
      reason
      escalatedAt
    }
    resolution {
      status
      reason
      resolvedAt
    }
    routing {
      type
      partners
      rule
      trace
      deliveries {
        id
        at
        event
        partner
        state
        attempts
        lastStatus
        lastError
        nextAttemptAt
        deliveredAt
        createdAt
      }
    }
    events(first: 10) {
      nodes {
        id
        kind
        at
        summary
        actor {
          ...ActorParts
        }
        changes {
          field
          before
          after
        }
      }
      edges {
        cursor
        node {
          id
        }
      }
      pageInfo {
        ...PageParts
      }
    }
    freshness {
      mode
      observedAt
    }
    actions {
      action
      allowed
      reason
      fields
    }
    raw
  }
}
    fragment PageParts on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}
fragment MessageParts on ThreadMessage {
  id
  at
  body
  format
  text
  visibility
  createdAt
  author {
    ...ActorParts
  }
  attachments {
    ...AttachmentParts
  }
}
fragment ActorParts on Actor {
  kind
  externalId
  name
}
fragment AgentParts on Agent {
  id
  source {
    key
  }
  externalId
  name
  email
}
fragment OrderParts on Order {
  id
  source {
    key
  }
  externalId
  entityId
  placedAt
}
fragment AttachmentParts on Attachment {
  id
  filename
  url
  size
  contentType
  expiresAt
  requiresAuth
}`, {"hash":"sha256:32f7c8f4abf4dbbc0ad83ec7ed49801fc77fe2ca26d8d7729461a2ac09eb3b5e"}) as unknown as TypedDocumentString<TicketWithEverythingQuery, TicketWithEverythingQueryVariables>;
export const CreateTicketDocument = new TypedDocumentString(`
    mutation CreateTicket($input: CreateTicketInput!) {
  createTicket(input: $input) {
    ...Payload
  }
}
    fragment Payload on TicketPayload {
  outcome
  userErrors {
    code
    message
    field
    retryable
    retryAt
  }
  ticket {
    id
    externalId
    status
    sourceStatus
  }
  message {
    id
    body
    visibility
    createdAt
  }
}`, {"hash":"sha256:b55a58beb41803eafcf03fa9d3c5afb73eef00aa2b8c8655ecfba3348bbd2864"}) as unknown as TypedDocumentString<CreateTicketMutation, CreateTicketMutationVariables>;
export const UpdateTicketDocument = new TypedDocumentString(`
    mutation UpdateTicket($input: UpdateTicketInput!) {
  updateTicket(input: $input) {
    ...Payload
  }
}
    fragment Payload on TicketPayload {
  outcome
  userErrors {
    code
    message
    field
    retryable
    retryAt
  }
  ticket {
    id
    externalId
    status
    sourceStatus
  }
  message {
    id
    body
    visibility
    createdAt
  }
}`, {"hash":"sha256:e334b35169565872c62f7cde0fe712c04cbabdadb012ce78745ec0d6a848b896"}) as unknown as TypedDocumentString<UpdateTicketMutation, UpdateTicketMutationVariables>;
export const ReplyToTicketDocument = new TypedDocumentString(`
    mutation ReplyToTicket($input: ReplyToTicketInput!) {
  replyToTicket(input: $input) {
    ...Payload
  }
}
    fragment Payload on TicketPayload {
  outcome
  userErrors {
    code
    message
    field
    retryable
    retryAt
  }
  ticket {
    id
    externalId
    status
    sourceStatus
  }
  message {
    id
    body
    visibility
    createdAt
  }
}`, {"hash":"sha256:dc254a6e3ce2a41f5347d090bb05c72e3a0c795300141956921b2432003ae56f"}) as unknown as TypedDocumentString<ReplyToTicketMutation, ReplyToTicketMutationVariables>;
export const EscalateTicketDocument = new TypedDocumentString(`
    mutation EscalateTicket($input: EscalateTicketInput!) {
  escalateTicket(input: $input) {
    ...Payload
  }
}
    fragment Payload on TicketPayload {
  outcome
  userErrors {
    code
    message
    field
    retryable
    retryAt
  }
  ticket {
    id
    externalId
    status
    sourceStatus
  }
  message {
    id
    body
    visibility
    createdAt
  }
}`, {"hash":"sha256:d388ec3e47b9b65156fe163e0c31e22d8421d3bf39f242f9b978978f37326942"}) as unknown as TypedDocumentString<EscalateTicketMutation, EscalateTicketMutationVariables>;
export const CloseTicketDocument = new TypedDocumentString(`
    mutation CloseTicket($input: CloseTicketInput!) {
  closeTicket(input: $input) {
    ...Payload
  }
}
    fragment Payload on TicketPayload {
  outcome
  userErrors {
    code
    message
    field
    retryable
    retryAt
  }
  ticket {
    id
    externalId
    status
    sourceStatus
  }
  message {
    id
    body
    visibility
    createdAt
  }
}`, {"hash":"sha256:675c38783ec2f7e4a86fc14d92d642b93c356cfd8d2c98db01ff157bf5f04759"}) as unknown as TypedDocumentString<CloseTicketMutation, CloseTicketMutationVariables>;
export const ReopenTicketDocument = new TypedDocumentString(`
    mutation ReopenTicket($input: ReopenTicketInput!) {
  reopenTicket(input: $input) {
    ...Payload
  }
}
    fragment Payload on TicketPayload {
  outcome
  userErrors {
    code
    message
    field
    retryable
    retryAt
  }
  ticket {
    id
    externalId
    status
    sourceStatus
  }
  message {
    id
    body
    visibility
    createdAt
  }
}`, {"hash":"sha256:5404818fd5efa25a0d4ff280478635c0b3b6e718791e61baf6da26784b61c379"}) as unknown as TypedDocumentString<ReopenTicketMutation, ReopenTicketMutationVariables>;
export const ReassignTicketDocument = new TypedDocumentString(`
    mutation ReassignTicket($input: ReassignTicketInput!) {
  reassignTicket(input: $input) {
    ...Payload
  }
}
    fragment Payload on TicketPayload {
  outcome
  userErrors {
    code
    message
    field
    retryable
    retryAt
  }
  ticket {
    id
    externalId
    status
    sourceStatus
  }
  message {
    id
    body
    visibility
    createdAt
  }
}`, {"hash":"sha256:a3179440912e30294e23a7c0c9e683f71fbea89dc12e84a7780f0db93bb6e27d"}) as unknown as TypedDocumentString<ReassignTicketMutation, ReassignTicketMutationVariables>;
export const TransferTicketDocument = new TypedDocumentString(`
    mutation TransferTicket($input: TransferTicketInput!) {
  transferTicket(input: $input) {
    ...Payload
  }
}
    fragment Payload on TicketPayload {
  outcome
  userErrors {
    code
    message
    field
    retryable
    retryAt
  }
  ticket {
    id
    externalId
    status
    sourceStatus
  }
  message {
    id
    body
    visibility
    createdAt
  }
}`, {"hash":"sha256:1c18aa8591e78ff7c0ce0edc7cc735ff844429ece131f6198f88ab1766b5acf1"}) as unknown as TypedDocumentString<TransferTicketMutation, TransferTicketMutationVariables>;
export const RouteTicketDocument = new TypedDocumentString(`
    mutation RouteTicket($input: RouteTicketInput!) {
  routeTicket(input: $input) {
    ...Payload
  }
}
    fragment Payload on TicketPayload {
  outcome
  userErrors {
    code
    message
    field
    retryable
    retryAt
  }
  ticket {
    id
    externalId
    status
    sourceStatus
  }
  message {
    id
    body
    visibility
    createdAt
  }
}`, {"hash":"sha256:980b5ec445b80369996084b5e788e7407a49414dcf75ec0aaedc485333a60385"}) as unknown as TypedDocumentString<RouteTicketMutation, RouteTicketMutationVariables>;
export const CreateUploadDocument = new TypedDocumentString(`
    mutation CreateUpload($input: CreateUploadInput!) {
  createUpload(input: $input) {
    upload {
      uploadId
      url
      expiresAt
    }
    userErrors {
      code
      field
      message
    }
  }
}
    `, {"hash":"sha256:a8f1c01d86f962b7eb642b114bffa3e9d1ae6b5533149953d2a8365ae8125bed"}) as unknown as TypedDocumentString<CreateUploadMutation, CreateUploadMutationVariables>;
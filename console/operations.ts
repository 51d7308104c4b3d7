/** An operation of a tab. It runs unchanged over the sandbox, and with other variables over real systems. */
export interface ReadyOperation {
  readonly name: string
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

const oneTicket: ReadyOperation = {
  name: 'OneTicket',
  query: `# One ticket with all its fields. The id is that of the vendor's own example, which the sandbox contains.
query OneTicket($source: String!, $externalId: String!) {
  ticketByExternalId(source: $source, externalId: $externalId) {
    id
    source { key system label mode health { state latencyP99Ms } }
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
    category { code label path }
    reason {
      code
      label
      ... on OrderReason { orders { externalId } }
      ... on CancellationReason { subscriptionContractIds }
      ... on SubjectAccessRequestReason { subtype }
      ... on GeneralReason { localLabel }
    }
    type
    channel
    origin
    queue
    queueKey
    country
    language
    tags
    assignee { externalId name email }
    group { name }
    followers { kind name }
    organization { name }
    createdBy { externalId name }
    updatedBy { externalId name }
    customer { id name email phone tickets(first: 5) { nodes { id title status updatedAt } } }
    vendor { id name vertical }
    orders { externalId entityId placedAt }
    links { kind system externalId category reason creator createdAt ticket { id title status } }
    threads(first: 20) {
      nodes { author { kind name } body format text visibility createdAt attachments { filename url } }
      totalCount
    }
    attachments { filename url size contentType requiresAuth }
    customFields { key label text }
    statusOptions { key label status }
    slaTargets { name kind dueAt breached }
    satisfaction { score comment }
    escalation { department reason escalatedAt }
    resolution { status reason resolvedAt }
    routing { type partners rule trace deliveries { partner state attempts } }
    timeline(last: 20) { nodes { __typename at ... on ThreadMessage { text } ... on TicketEvent { summary } ... on Delivery { partner state } } }
    events(last: 10) { nodes { kind at summary changes { field before after } } }
    dueAt
    firstReplyTimeInMinutes
    createdAt
    updatedAt
    resolvedAt
    freshness { mode observedAt }
    actions { action allowed reason }
  }
}
`,
  variables: { source: 'oneview', externalId: 'f4b8f8e5-365a-4ed1-a122-0f4ba1afef44' },
}

const acrossSources: ReadyOperation = {
  name: 'AcrossSources',
  query: `# The latest tickets of all sources in one list. "sources" reports which source answered, and why another did not.
# "after" gives the next page, "filter" narrows the list.
query AcrossSources($first: Int = 50, $after: String, $filter: TicketFilter) {
  tickets(first: $first, after: $after, filter: $filter) {
    nodes {
      id
      title
      status
      source { key }
      customer { name }
      vendor { vertical }
      links { kind system externalId }
      threads { nodes { body } }
      updatedAt
    }
    pageInfo { hasNextPage endCursor }
    totalCount
    sources { source { key } outcome returned exhausted ordering latencyMs error }
  }
}
`,
  variables: { first: 50, filter: {} },
}

const counts: ReadyOperation = {
  name: 'Counts',
  query: `# How many tickets have each status, without reading them. "exact" is false where a source could not count: "sources" says which.
# Other values of "by": SOURCE, PRIORITY, CHANNEL, ASSIGNEE, QUEUE. "tickets(first: 0)" has the numbers alone.
query Counts($by: TicketCountKey!, $filter: TicketFilter) {
  ticketCounts(by: $by, filter: $filter) {
    groups { key label count exact }
    sources { source { key } outcome counted matching error }
  }
  tickets(first: 0, filter: $filter) { totalCount sources { source { key } matching } }
}
`,
  variables: { by: 'STATUS', filter: {} },
}

const payload = `{
    outcome
    ticket { id title status statusReason updatedAt actions { action allowed reason } }
    userErrors { code message field retryable retryAt }
  }`

const escalate: ReadyOperation = {
  name: 'Escalate',
  query: `# Hands a ticket to another department. Any query returns ids; this one is an example of the sandbox.
# The tab LookUps lists the departments.
mutation Escalate($input: EscalateTicketInput!) {
  escalateTicket(input: $input) ${payload}
}
`,
  variables: {
    input: {
      id: toTicketId('oneview', '', 'vsba-nhas'),
      department: 'partner-service',
      statusReason: 'The restaurant does not answer',
      resolutionReason: 'Refund is above the limit of an agent',
    },
  },
}

const close: ReadyOperation = {
  name: 'Close',
  query: `# Closes a ticket. A refusal is data: run it twice, and "userErrors" says why the second run changes nothing.
mutation Close($input: CloseTicketInput!) {
  closeTicket(input: $input) ${payload}
}
`,
  variables: {
    input: {
      id: toTicketId('oneview', '', 'absmw0dbma'),
      statusReason: 'The customer is content',
      resolutionStatus: 'REFUNDED',
      resolutionReason: 'Cold food',
    },
  },
}

const changes: ReadyOperation = {
  name: 'Changes',
  query: `# Every change of a ticket, live. The sandbox changes a ticket every few seconds.
# "after" with a cursor continues where an earlier subscription stopped.
subscription Changes($filter: TicketFilter, $after: String) {
  ticketChanged(filter: $filter, after: $after) {
    cursor
    kind
    ticket { id title status source { key } updatedAt }
    event { at summary changes { field before after } }
    message { text }
    matches
    gap
  }
}
`,
  variables: { filter: {} },
}

const lookups: ReadyOperation = {
  name: 'LookUps',
  query: `# What a source can do, and the values that escalate, transfer, close, update and create accept. A list that the source does not offer is null.
query LookUps($source: String!) {
  source(key: $source) {
    capabilities { reads writes updatableFields lookups }
    escalationDepartments { key label }
    transferQueues { key name language }
    resolutionStatuses { key label }
    contactReasons(search: "delivery", first: 10) { code label language level parents { code label } }
    createForm { key label type required options { key label parent } dependsOn }
  }
  viewer { key email scopes }
}
`,
  variables: { source: 'oneview' },
}

/** The tabs of the console, in their order. */
export const readyOperations: readonly ReadyOperation[] = [oneTicket, acrossSources, counts, escalate, close, changes, lookups]

/**
 * The global id of a ticket, in the gateway's scheme: base64url of "T", the source's key, NUL, the tenant, NUL and the
 * ticket's own id. Clients get ids from queries and treat them as opaque. The console builds its own, so that its mutations
 * run before any query; a test compares them with the gateway's scheme.
 */
export function toTicketId(sourceKey: string, tenant: string, externalId: string): string {
  const bytes = new TextEncoder().encode(`T${sourceKey}\u0000${tenant}\u0000${externalId}`)
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

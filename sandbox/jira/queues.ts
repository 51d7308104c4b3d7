/** A queue of a service desk: a query, and the columns that its pages hold. */
export interface JiraQueue {
  readonly id: number
  readonly serviceDeskId: number
  readonly name: string
  readonly jql: string
  readonly fields: readonly string[]
}

const columns = ['issuetype', 'issuekey', 'summary', 'reporter', 'assignee', 'status', 'priority', 'created', 'updated']

const queue = (id: number, serviceDeskId: number, name: string, condition: string, order: string): JiraQueue => ({
  ...{ id, serviceDeskId, name, fields: columns },
  jql: `project = ${serviceDeskId === 1 ? 'SUP' : 'PAY'} AND ${condition} ORDER BY ${order}`,
})

/** The agents' queues. A request is in several of them, or in none. */
export const queues: readonly JiraQueue[] = [
  queue(1, 1, 'All open', 'statusCategory != Done', '"Time to resolution" ASC'),
  queue(2, 1, 'Unassigned', 'assignee IS EMPTY AND statusCategory != Done', 'priority DESC, created ASC'),
  queue(3, 1, 'Assigned to me', 'assignee = currentUser() AND statusCategory != Done', 'updated DESC'),
  queue(4, 1, 'Waiting for customer', 'status = "Waiting for customer"', 'updated ASC'),
  queue(5, 1, 'Breached', '"Time to resolution" = breached() AND resolution = Unresolved', 'priority DESC'),
  queue(6, 2, 'To review', 'status IN (Open, "In Review")', 'created ASC'),
  queue(7, 2, 'Refunds', '"Request Type" = "Request a refund" AND statusCategory != Done', '"Refund amount" DESC'),
  queue(8, 2, 'Recently done', 'resolved >= -7d', 'resolved DESC'),
]

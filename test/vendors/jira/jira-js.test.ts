import { createCloudClient, createServiceDeskClient } from 'jira.js'
import { isAuthError, isForbiddenError, isNotFoundError, isRateLimitError } from 'jira.js/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { documentedLimits, generousLimits } from '../../../sandbox/jira/settings.ts'
import { createJira, type JiraSimulator } from '../../../sandbox/jira/simulator.ts'
import { cloudId } from '../../../sandbox/jira/site.ts'
import { createRandom } from '../../../sandbox/random.ts'
import { type SimulatorServer, serveSimulator } from '../../../sandbox/simulator-server.ts'

// jira.js as its users install it, against the simulator. It checks every answer by the schema of Jira, and a mismatch is an error.
// No source of the gateway takes part.

// The client's own audit: it notes every key and value that its schemas do not know. It is read when the client is loaded.
vi.hoisted(() => {
  process.env.AUDIT_SCHEMAS = 'true'
})
const undocumented = () => Reflect.get(globalThis, Symbol.for('apis-code-gen.schemaAudit')) ?? []

let jira: JiraSimulator
let server: SimulatorServer
beforeAll(async () => {
  jira = createJira({ random: createRandom('jira.js'), until: Date.UTC(2026, 2, 2), count: 250, token: 'classic-token' })
  server = await serveSimulator(jira, { host: '127.0.0.1', port: 0, latencyMs: 0 })
})
afterAll(() => server.close())

const optionsOf = (email = 'deskgraph@acme.example', apiToken = 'classic-token') => ({
  ...({ host: server.origin, auth: { type: 'basic', email, apiToken }, onSchemaMismatch: 'throw' } as const),
})
const platform = (...credentials: string[]) => createCloudClient(optionsOf(...credentials))
const desk = (...credentials: string[]) => createServiceDeskClient(optionsOf(...credentials))

/** A request that no other test changes: the next one that is open. */
const used = new Set<string>()
function openRequest(project = 'SUP', statusId = '10001'): string {
  const issue = jira.state.all().find(({ key, statusId: own }) => key.startsWith(project) && own === statusId && !used.has(key))
  used.add(issue!.key)
  return issue!.key
}
const document = (text: string) => ({
  ...({ type: 'doc', version: 1 } as const),
  content: [{ type: 'paragraph', content: [{ type: 'text', text }] } as const],
})

describe('jira.js, unchanged, on the platform API', () => {
  it('walks the search by pages until there is no token', async () => {
    const keys: string[] = []
    let nextPageToken: string | undefined
    do {
      const page = await platform().issueSearch.searchAndReconsileIssuesUsingJqlPost({
        ...{ jql: 'project in (SUP, PAY) ORDER BY updated DESC', maxResults: 100, fields: ['*navigable'] },
        ...(nextPageToken && { nextPageToken }),
      })
      keys.push(...(page.issues ?? []).map(({ key }) => key!))
      nextPageToken = page.nextPageToken ?? undefined
    } while (nextPageToken)
    expect(keys).toHaveLength(250)
    expect(new Set(keys).size).toBe(250)
    const { count } = await platform().issueSearch.countIssues({ jql: 'project in (SUP, PAY)' })
    expect(count).toBe(250)
  })

  it('reads one issue whole, and several at once', async () => {
    const issue = await platform().issues.getIssue({ issueIdOrKey: 'SUP-1', expand: 'changelog,names,renderedFields,schema' })
    expect(issue).toMatchObject({ key: 'SUP-1', self: `${server.origin}/rest/api/3/issue/${issue.id}` })
    const many = await platform().issues.bulkFetchIssues({ issueIdsOrKeys: ['PAY-1', 'SUP-2', 'SUP-1', 'SUP-9999'] })
    expect(many.issues?.map(({ key }) => key)).toHaveLength(3)
    expect(many.issueErrors).toMatchObject([{ id: 'SUP-9999' }])
  })

  it('reads and writes comments as documents', async () => {
    const issueIdOrKey = openRequest()
    const added = await platform().issueComments.addComment({ issueIdOrKey, body: document('From the platform') })
    expect(added).toMatchObject({ jsdPublic: true, body: document('From the platform') })
    const internal = await platform().issueComments.addComment({
      ...{ issueIdOrKey, body: document('For agents') },
      properties: [{ key: 'sd.public.comment', value: { internal: true } }],
    })
    expect(internal.jsdPublic).toBe(false)
    const { comments } = await platform().issueComments.getComments({ issueIdOrKey, orderBy: '-created', expand: 'renderedBody' })
    expect(comments?.slice(0, 2).map(({ id }) => id)).toEqual([internal.id, added.id])
    const edited = await platform().issueComments.updateComment({
      issueIdOrKey,
      id: internal.id!,
      body: { body: document('Edited') },
    })
    expect(edited.jsdPublic).toBe(false)
    const property = await platform().issueCommentProperties.getCommentProperty({
      ...{ commentId: internal.id!, propertyKey: 'sd.public.comment' },
    })
    expect(property.value).toEqual({ internal: true })
    await platform().issueComments.deleteComment({ issueIdOrKey, id: added.id! })
  })

  it('edits, assigns, watches and transitions', async () => {
    const issueIdOrKey = openRequest()
    await platform().issues.editIssue({ issueIdOrKey, fields: { priority: { id: '1' } }, update: { labels: [{ add: 'vip' }] } })
    const [agent] = await platform().userSearch.findAssignableUsers({ project: 'SUP', query: 'emma' })
    await platform().issues.assignIssue({ issueIdOrKey, accountId: agent!.accountId! })
    // The account id is the whole body; the client's types say that it is an object.
    await platform().issueWatchers.addWatcher({ issueIdOrKey, body: agent!.accountId as never })
    expect(
      (await platform().issueWatchers.getIssueWatchers({ issueIdOrKey })).watchers?.map(({ accountId }) => accountId),
    ).toContain(agent!.accountId)
    const { transitions } = await platform().issues.getTransitions({ issueIdOrKey, expand: 'transitions.fields' })
    const resolve = transitions?.find(({ name }) => name === 'Resolve')
    expect(resolve?.fields?.resolution).toMatchObject({ required: true })
    await platform().issues.doTransition({
      issueIdOrKey,
      transition: { id: resolve!.id! },
      fields: { resolution: { name: 'Done' } },
    })
    const { fields } = await platform().issues.getIssue({ issueIdOrKey })
    expect(fields).toMatchObject({
      ...{ priority: { name: 'Highest' }, assignee: { displayName: 'Emma Lindqvist' }, status: { name: 'Resolved' } },
      ...{ resolution: { name: 'Done' }, labels: expect.arrayContaining(['vip']) },
    })
    const { values } = await platform().issues.getChangeLogs({ issueIdOrKey })
    expect(values?.at(-1)?.items?.map(({ fieldId }) => fieldId)).toEqual(['resolution', 'status'])
  })

  it('creates, links and deletes issues of the software project', async () => {
    const bug = await platform().issues.createIssue({
      fields: {
        project: { key: 'SHOP' },
        issuetype: { name: 'Bug' },
        summary: 'Found by jira.js',
        description: document('Steps'),
      },
    })
    const request = openRequest()
    const link = { type: { name: 'Problem/Incident' }, inwardIssue: { key: request }, outwardIssue: { key: bug.key! } }
    await platform().issueLinks.linkIssues(link)
    await platform().issueLinks.linkIssues(link)
    const { fields } = await platform().issues.getIssue({ issueIdOrKey: bug.key!, fields: ['issuelinks'] })
    expect(fields?.issuelinks).toHaveLength(1)
    const found = await platform().issueLinks.getIssueLink({ linkId: fields?.issuelinks[0].id })
    expect(found).toMatchObject({ inwardIssue: { key: request }, outwardIssue: { key: bug.key } })
    await platform().issueLinks.deleteIssueLink({ linkId: found.id! })
    expect((await platform().issueLinkTypes.getIssueLinkTypes()).issueLinkTypes).toHaveLength(5)
    await platform().issues.deleteIssue({ issueIdOrKey: bug.key! })
    await expect(platform().issues.getIssue({ issueIdOrKey: bug.key! })).rejects.toSatisfy(isNotFoundError)
  })

  it('uploads a file, and follows the redirection to its content', async () => {
    const issueIdOrKey = openRequest()
    const [file] = await platform().issueAttachments.addAttachment({
      ...{ issueIdOrKey, attachments: { filename: 'ümlaut "x".txt', content: Buffer.from('from jira.js') } },
    })
    expect(file).toMatchObject({ size: 12 })
    const content = await platform().issueAttachments.getAttachmentContent({ id: file!.id! })
    expect(Buffer.from(content as unknown as Uint8Array).toString()).toBe('from jira.js')
    expect(await platform().issueAttachments.getAttachment({ id: file!.id! })).toMatchObject({ filename: file!.filename })
  })

  it('reads what the site has', async () => {
    const client = platform()
    expect(await client.myself.getCurrentUser()).toMatchObject({ displayName: 'Deskgraph Service' })
    expect((await client.issueFields.getFields()).some(({ name }) => name === 'Order number')).toBe(true)
    expect((await client.issueFields.getFieldsPaginated({ type: ['custom'] })).values?.length).toBeGreaterThan(5)
    expect((await client.issuePriorities.searchPriorities()).values?.map(({ name }) => name)).toEqual([
      ...['Highest', 'High', 'Medium', 'Low', 'Lowest'],
    ])
    expect((await client.workflowStatuses.getStatuses()).length).toBe(13)
    expect(await client.workflowStatusCategories.getStatusCategories()).toHaveLength(3)
    expect((await client.projects.searchProjects({ typeKey: 'service_desk' })).values?.map(({ key }) => key)).toEqual([
      'SUP',
      'PAY',
    ])
    expect(await client.projects.getProject({ projectIdOrKey: 'SUP' })).toMatchObject({ id: '10001' })
    expect((await client.projects.getAllStatuses({ projectIdOrKey: 'PAY' }))[0]?.statuses?.length).toBe(5)
    const meta = await client.issues.getCreateIssueMetaIssueTypeId({ projectIdOrKey: 'SUP', issueTypeId: '10011' })
    expect(meta.fields?.length).toBeGreaterThan(5)
    await client.issues.getCreateIssueMetaIssueTypes({ projectIdOrKey: 'SUP' })
    await client.issues.getEditIssueMeta({ issueIdOrKey: 'SUP-1' })
    await client.serverInfo.getServerInfo()
    const { permissions } = await client.permissions.getMyPermissions({ permissions: 'EDIT_ISSUES,ADMINISTER' })
    expect(permissions?.ADMINISTER).toMatchObject({ havePermission: false })
    const [user] = await client.userSearch.findUsers({ query: 'mateo' })
    expect(await client.users.getUser({ accountId: user!.accountId! })).toMatchObject({ displayName: 'Mateo Vargas' })
  })

  it('moves issues to another project as a task', async () => {
    const key = openRequest()
    const { taskId } = await platform().issueBulkOperations.submitBulkMove({
      targetToSourcesMapping: {
        'PAY,10010': {
          ...{ issueIdsOrKeys: [key], inferClassificationDefaults: true, inferFieldDefaults: true },
          ...{ inferStatusDefaults: true, inferSubtaskTypeDefault: true },
        },
      },
    })
    expect(await platform().issueBulkOperations.getBulkOperationProgress({ taskId: taskId! })).toMatchObject({
      status: 'COMPLETE',
    })
    const moved = await platform().issues.getIssue({ issueIdOrKey: key })
    expect(moved.key).toMatch(/^PAY-/)
  })
})

describe('jira.js, unchanged, on the service desk API', () => {
  it('creates a request for a customer, and both kinds of comment', async () => {
    const { values: companies } = await desk().organization.getServiceDeskOrganizations({ serviceDeskId: '1' })
    expect(companies).toHaveLength(3)
    const customer = await desk().customer.createCustomer({ email: 'new.customer@example.com', displayName: 'Nia Customer' })
    expect(customer.accountId).toMatch(/^qm:/)
    const request = await desk().request.createCustomerRequest({
      ...{ serviceDeskId: '1', requestTypeId: '1', raiseOnBehalfOf: customer.accountId! },
      requestFieldValues: { summary: 'Where is it?', description: 'Since *noon*', customfield_10050: 'ORD-1' },
    })
    expect(request).toMatchObject({ requestTypeId: '1', reporter: { displayName: 'Nia Customer' } })
    const issueIdOrKey = request.issueKey!
    expect(await desk().request.createRequestComment({ issueIdOrKey, body: 'We look', public: true })).toMatchObject({
      public: true,
    })
    expect(await desk().request.createRequestComment({ issueIdOrKey, body: 'Late rider', public: false })).toMatchObject({
      ...{ public: false, body: 'Late rider' },
    })
    const { values } = await desk().request.getRequestComments({ issueIdOrKey, expand: ['attachment', 'renderedBody'] })
    expect(values?.map(({ public: isPublic }) => isPublic)).toEqual([true, false])
    const seen = await desk('new.customer@example.com').request.getRequestComments({ issueIdOrKey })
    expect(seen.values?.map(({ body }) => body)).toEqual(['We look'])
  })

  it('reads requests with everything expanded, their targets and their statuses', async () => {
    const expand = ['serviceDesk', 'requestType', 'participant', 'sla', 'status', 'attachment', 'action', 'comment'] as never
    const request = await desk().request.getCustomerRequestByIdOrKey({ issueIdOrKey: 'PAY-2', expand })
    expect(request.sla?.values?.map(({ name }) => name)).toEqual(['Time to first response', 'Time to resolution'])
    const { values } = await desk().request.getSlaInformation({ issueIdOrKey: 'PAY-2' })
    expect(values).toHaveLength(2)
    expect(await desk().request.getSlaInformationById({ issueIdOrKey: 'PAY-2', slaMetricId: 2 })).toMatchObject({ id: '2' })
    expect((await desk().request.getCustomerRequestStatus({ issueIdOrKey: 'PAY-2' })).values?.length).toBeGreaterThan(0)
    await desk().request.getCustomerTransitions({ issueIdOrKey: 'PAY-2' })
    await desk().request.getRequestParticipants({ issueIdOrKey: 'PAY-2' })
    await desk().request.getApprovals({ issueIdOrKey: 'PAY-2' })
    expect((await desk().request.getCustomerRequests()).values).toEqual([])
  })

  it('reads desks, request types, fields, queues and their issues', async () => {
    expect((await desk().servicedesk.getServiceDesks()).values).toHaveLength(2)
    await desk().servicedesk.getServiceDeskById({ serviceDeskId: '1' })
    expect((await desk().servicedesk.getRequestTypes({ serviceDeskId: '2' })).values).toHaveLength(3)
    const form = await desk().servicedesk.getRequestTypeFields({ serviceDeskId: '1', requestTypeId: 4 })
    expect(form.requestTypeFields?.find(({ fieldId }) => fieldId === 'customfield_10051')).toMatchObject({ required: true })
    const { values: queues } = await desk().servicedesk.getQueues({ serviceDeskId: '1', includeCount: true })
    expect(queues?.[0]).toMatchObject({ name: 'All open', issueCount: expect.any(Number) })
    const page = await desk().servicedesk.getIssuesInQueue({ serviceDeskId: '1', queueId: 1, limit: 5 })
    expect(page.values).toHaveLength(5)
    expect((await desk().organization.getOrganizations()).values).toHaveLength(3)
    await desk().organization.getUsersInOrganization({ organizationId: 1 })
    await desk().info.getInfo()
  })

  it('puts a file on a request by way of a temporary one', async () => {
    const issueIdOrKey = openRequest()
    const body = new FormData()
    body.append('file', new Blob(['proof'], { type: 'text/plain' }), 'proof.txt')
    const uploader = createServiceDeskClient({ ...optionsOf(), headers: { 'X-Atlassian-Token': 'no-check' } })
    const uploaded = await uploader.servicedesk.attachTemporaryFile({ serviceDeskId: '1', body })
    const ids = (uploaded as { temporaryAttachments: { temporaryAttachmentId: string }[] }).temporaryAttachments
    const result = await desk().request.createCommentWithAttachment({
      ...{ issueIdOrKey, public: false, temporaryAttachmentIds: ids.map(({ temporaryAttachmentId }) => temporaryAttachmentId) },
    })
    expect(result).toMatchObject({ comment: { public: false }, attachments: { values: [{ filename: 'proof.txt', size: 5 }] } })
    expect(
      (await desk().request.getAttachmentsForRequest({ issueIdOrKey, start: 0, limit: 50 })).values?.map(
        ({ filename }) => filename,
      ),
    ).toContain('proof.txt')
  })
})

describe('what jira.js reports as errors', () => {
  it('knows a wrong token, a missing issue, a missing right, and too many calls', async () => {
    await expect(platform('deskgraph@acme.example', 'wrong').myself.getCurrentUser()).rejects.toSatisfy(isAuthError)
    await expect(desk('deskgraph@acme.example', 'wrong').servicedesk.getServiceDesks()).rejects.toSatisfy(isAuthError)
    await expect(platform().issues.getIssue({ issueIdOrKey: 'SUP-9999' })).rejects.toSatisfy(isNotFoundError)
    await expect(desk().request.getCustomerRequestByIdOrKey({ issueIdOrKey: 'SUP-9999' })).rejects.toSatisfy(isNotFoundError)
    await expect(platform().webhooks.getDynamicWebhooksForApp()).rejects.toSatisfy(isForbiddenError)
    jira.settings.limits = { ...documentedLimits, readsPerSecond: 1 }
    const calls = Promise.all([1, 2, 3].map(() => platform().myself.getCurrentUser()))
    await expect(calls).rejects.toSatisfy((error) => isRateLimitError(error) && error.retryAfterMs === 1000)
    jira.settings.limits = generousLimits
  })

  it('gets in by OAuth at the path of the API gateway only, and registers webhooks there', async () => {
    const response = await fetch(`${server.origin}/oauth/token`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({
        ...{ grant_type: 'refresh_token', client_id: 'sandbox-jira-client', client_secret: 'sandbox-jira-client-secret' },
        refresh_token: 'sandbox-jira-refresh-token',
      }),
    })
    const { access_token: token } = (await response.json()) as { access_token: string }
    const auth = { type: 'bearer', token } as const
    await expect(createCloudClient({ ...optionsOf(), auth }).myself.getCurrentUser()).rejects.toSatisfy(isAuthError)
    const client = createCloudClient({ ...optionsOf(), auth, host: `${server.origin}/ex/jira/${cloudId}` })
    expect(await client.myself.getCurrentUser()).toMatchObject({ displayName: 'Deskgraph Service' })
    const { webhookRegistrationResult: registered } = await client.webhooks.registerDynamicWebhooks({
      ...{ url: 'https://gateway.example/webhooks/jira' },
      webhooks: [{ events: ['comment_created'], jqlFilter: 'project = SUP' }],
    })
    expect(registered).toMatchObject([{ createdWebhookId: 1001 }])
    expect((await client.webhooks.getDynamicWebhooksForApp()).values).toHaveLength(1)
    await client.webhooks.refreshWebhooks({ webhookIds: [1001] })
    await client.webhooks.deleteWebhookById({ webhookIds: [1001] })
  })
})

describe('the answers to jira.js', () => {
  it('have no key and no value that its schemas do not know', () => {
    expect(undocumented()).toEqual([])
  })
})

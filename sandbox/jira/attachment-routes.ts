import { type FormFile, readFiles } from '../multipart.ts'
import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { toItem } from './changes.ts'
import { addDeskComment } from './comment-writes.ts'
import { deskOf } from './desk-routes.ts'
import { issueOf } from './issue-routes.ts'
import type { JiraAttachment, JiraIssue } from './model.ts'
import { requestOf, visibleComments } from './request-routes.ts'
import { deskPage, type RouteMaker, refuseDesk, refusePlatform, type View } from './routing.ts'
import type { JiraState } from './state.ts'
import { fromWiki } from './wiki.ts'
import { toDeskAttachment, toDeskComment } from './wire-desk.ts'
import { toAttachment } from './wire-platform.ts'

/** Where the bytes of attachments are: another host than the site's, at addresses that expire. */
export interface FileStore {
  /** The address of an attachment's content, for as long as the settings say. */
  addressOf(view: View, attachment: JiraAttachment): string
  setOrigin(origin: string): void
  readonly routes: readonly Route[]
}

export function createFileStore(state: JiraState): FileStore {
  let host = ''
  const routes: Route[] = [
    {
      ...{ method: 'GET', path: /^\/media\/file\/(\d+)\/binary$/, operation: 'content' },
      handle({ params, query, headers }) {
        const attachment = findAttachment(state, Number(params[0]))?.[1]
        // A signed address carries its own right. A second credential is refused, as storage hosts do.
        if (headers.authorization !== undefined) return { status: 400, body: { error: 'Only one credential is allowed.' } }
        if (!attachment || query.get('token') !== tokenOf(attachment, query.get('expires') ?? '')) return { status: 404 }
        if (Number(query.get('expires')) <= state.now()) return { status: 403, body: { error: 'The address has expired.' } }
        return { status: 200, headers: { 'content-type': attachment.mimeType }, body: attachment.bytes }
      },
    },
  ]
  return {
    addressOf({ origin }, attachment) {
      const expires = String(state.now() + state.settings.contentExpiresMs)
      const query = new URLSearchParams({ token: tokenOf(attachment, expires), expires, name: attachment.filename })
      return `${host || origin}/media/file/${attachment.id}/binary?${query}`
    },
    setOrigin(origin) {
      host = origin
    },
    routes,
  }
}

const tokenOf = ({ id, created }: JiraAttachment, expires: string) =>
  Buffer.from(`${id}.${created}.${expires}`).toString('base64url')

function findAttachment(state: JiraState, id: number): readonly [JiraIssue, JiraAttachment] | undefined {
  for (const issue of state.all()) {
    const attachment = issue.attachments.find((one) => one.id === id)
    if (attachment) return [issue, attachment]
  }
  return undefined
}

/** Attachments by the platform API. */
export function attachmentRoutes(route: RouteMaker, store: FileStore): Route[] {
  const content = (view: View, { params, query }: SimulatorRequest): Reply => {
    const [, attachment] =
      findAttachment(view.state, Number(params[0])) ?? refusePlatform(404, `The attachment with id '${params[0]}' does not exist`)
    if (query.get('redirect') !== 'false') return { status: 303, headers: { location: store.addressOf(view, attachment) } }
    return { status: 200, headers: { 'content-type': attachment.mimeType }, body: attachment.bytes }
  }
  return [
    route('POST', '/issue/{}/attachments', 'add-attachments', (view, request) => {
      const files = requireFiles(request)
      const issue = issueOf(view, request)
      const added = files.map((file) => toStored(view, file))
      const items = added.map(({ id, filename }) => ({
        ...toItem('Attachment', null, null, String(id), filename),
        fieldId: 'attachment',
      }))
      view.state.change(issue.id, { attachments: [...issue.attachments, ...added] }, { userId: view.user.accountId, items })
      return { status: 200, body: added.map((attachment) => toAttachment(view, attachment)) }
    }),
    route('GET', '/attachment/meta', 'attachment-meta', () => ({
      status: 200,
      body: { enabled: true, uploadLimit: 1_073_741_824 },
    })),
    route('GET', '/attachment/{}', 'attachment', (view, { params }) => {
      const found = findAttachment(view.state, Number(params[0]))
      if (!found) refusePlatform(404, `The attachment with id '${params[0]}' does not exist`)
      return { status: 200, body: { ...toAttachment(view, found[1]), id: found[1].id } }
    }),
    route('GET', '/attachment/content/{}', 'attachment-content', content),
    route('GET', '/attachment/thumbnail/{}', 'attachment-content', content),
  ]
}

/** Attachments by the service desk API: a file is uploaded first, and a comment puts it on the request. */
export function deskAttachmentRoutes(route: RouteMaker, store: FileStore): Route[] {
  const temporary = new Map<string, FormFile>()
  return [
    route('POST', '/servicedesk/{}/attachTemporaryFile', 'upload', (view, request) => {
      deskOf(request)
      const uploaded = requireFiles(request).map((file) => {
        const temporaryAttachmentId = `temp${view.state.nextId()}`
        temporary.set(temporaryAttachmentId, file)
        return { temporaryAttachmentId, fileName: file.filename }
      })
      return { status: 201, body: { temporaryAttachments: uploaded } }
    }),
    route('POST', '/request/{}/attachment', 'attach', (view, request) => {
      const issue = requestOf(view, request)
      const { temporaryAttachmentIds, public: isPublic = true, additionalComment } = request.json()
      const ids = Array.isArray(temporaryAttachmentIds) ? temporaryAttachmentIds.map(String) : []
      const files = ids.map(
        (id) =>
          temporary.get(id) ??
          refuseDesk(400, `The temporary attachment '${id}' does not exist.`, 'sd.attachment.temporary.not.found'),
      )
      if (files.length === 0) refuseDesk(400, 'temporaryAttachmentIds must not be empty.', 'sd.attachment.temporary.missing')
      for (const id of ids) temporary.delete(id)
      const added = files.map((file) => toStored(view, file))
      const { body } = (additionalComment ?? {}) as { readonly body?: unknown }
      const text = typeof body === 'string' && body !== '' ? body : added.map(({ filename }) => `!${filename}!`).join('\n')
      const comment = addDeskComment(view, issue, fromWiki(text), isPublic === true, added)
      const changed = view.state.find(String(issue.id)) as JiraIssue
      return {
        status: 201,
        body: {
          comment: toDeskComment(view, changed, comment, new Set()),
          attachments: deskPage(
            view,
            request,
            added.map((attachment) => toDeskAttachment(view, changed, attachment)),
          ),
        },
      }
    }),
    route('GET', '/request/{}/attachment', 'request-attachments', (view, request) => {
      const issue = requestOf(view, request)
      const shown = visibleAttachments(view, issue).map((attachment) => toDeskAttachment(view, issue, attachment))
      return { status: 200, body: deskPage(view, request, shown) }
    }),
    route('GET', '/request/{}/comment/{}/attachment', 'comment-attachments', (view, request) => {
      const issue = requestOf(view, request)
      const comment = visibleComments(view, issue).find(({ id }) => String(id) === request.params[1])
      if (!comment) refuseDesk(404, 'The comment does not exist or you do not have permission to see it.', 'sd.comment.not.found')
      const own = issue.attachments.filter(({ id }) => comment.attachmentIds.includes(id))
      return {
        status: 200,
        body: deskPage(
          view,
          request,
          own.map((attachment) => toDeskAttachment(view, issue, attachment)),
        ),
      }
    }),
    route('GET', '/request/{}/attachment/{}', 'attachment-content', (view, request) => {
      const issue = requestOf(view, request)
      const attachment = visibleAttachments(view, issue).find(({ id }) => String(id) === request.params[1])
      if (!attachment) refuseDesk(404, 'The attachment does not exist.', 'sd.attachment.not.found')
      return { status: 303, headers: { location: store.addressOf(view, attachment) } }
    }),
  ]
}

/** The files of an upload. Jira refuses one that does not say that no browser sent it. */
function requireFiles(request: SimulatorRequest): readonly FormFile[] {
  if (request.headers['x-atlassian-token'] !== 'no-check') refusePlatform(403, 'XSRF check failed')
  const files = readFiles(request).filter(({ field }) => field === 'file')
  return files.length > 0 ? files : refusePlatform(400, 'No files were uploaded under the parameter "file".')
}

function toStored({ state, user }: View, { filename, mimeType, bytes }: FormFile): JiraAttachment {
  return { id: state.nextId(), authorId: user.accountId, filename, mimeType, bytes, created: state.now() }
}

/** Customers do not see the files of internal comments. */
function visibleAttachments(view: View, issue: JiraIssue): readonly JiraAttachment[] {
  const shown = new Set(visibleComments(view, issue).flatMap(({ attachmentIds }) => attachmentIds))
  const inComments = new Set(issue.comments.flatMap(({ attachmentIds }) => attachmentIds))
  return issue.attachments.filter(({ id }) => shown.has(id) || !inComments.has(id))
}

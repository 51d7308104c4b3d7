import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { isAdf } from './adf.ts'
import { addLink, toItem } from './changes.ts'
import { addComment } from './comment-writes.ts'
import { issueOf } from './issue-routes.ts'
import type { JiraIssue, JiraLink } from './model.ts'
import { platformFailure, Refusal, type RouteMaker, refusePlatform, type View } from './routing.ts'
import { byId, findLinkType, linkTypes } from './workflows.ts'

type Body = Readonly<Record<string, unknown>>
const bodyOf = (value: unknown): Body => (typeof value === 'object' && value !== null ? (value as Body) : {})

/** Links between issues: made and removed. */
export function linkWriteRoutes(route: RouteMaker): Route[] {
  return [
    route('POST', '/issueLink', 'add-link', (view, request) => linkIssues(view, request.json())),
    route('POST', '/issue/{}/remotelink', 'add-remote-link', (view, request) => linkRemote(view, request)),
    route('DELETE', '/issueLink/{}', 'delete-link', (view, request) => unlink(view, request)),
  ]
}

/** 201 without a body, also when the link exists already. */
function linkIssues(view: View, { type: rawType, inwardIssue, outwardIssue, comment }: Body): Reply {
  const type = findLinkType(bodyOf(rawType))
  if (!type) refusePlatform(404, `No issue link type with name '${bodyOf(rawType).name ?? bodyOf(rawType).id}' found.`)
  const [inward, outward] = [bodyOf(inwardIssue), bodyOf(outwardIssue)].map(({ key, id }) =>
    view.state.find(String(key ?? id ?? '')),
  )
  if (!inward || !outward) refusePlatform(404, 'Issue does not exist or you do not have permission to see it.')
  if (inward.id === outward.id) refusePlatform(400, 'You cannot link an issue to itself.')
  const exists = view.state
    .linksOf(inward.id)
    .some(({ typeId, inwardId, outwardId }) => typeId === type.id && inwardId === inward.id && outwardId === outward.id)
  if (!exists) {
    addLink(view.state, type.id, outward.id, inward.id)
    note(view, { id: 0, typeId: type.id, outwardId: outward.id, inwardId: inward.id }, true)
  }
  const { body } = bodyOf(comment)
  if (isAdf(body)) addComment(view, view.state.find(String(inward.id)) as JiraIssue, { body, isPublic: true, properties: {} })
  return { status: 201 }
}

/** Adds a link to another system, or replaces the one with the same `globalId`: 201 or 200. */
function linkRemote(view: View, request: SimulatorRequest): Reply {
  const issue = issueOf(view, request)
  const { globalId, object, relationship } = request.json()
  const { url, title } = bodyOf(object)
  if (typeof url !== 'string' || typeof title !== 'string') {
    throw new Refusal({ status: 400, body: platformFailure([], { object: "'title' and 'url' are required." }) })
  }
  const known = issue.remoteLinks.find((link) => globalId !== undefined && link.globalId === globalId)
  const id = known?.id ?? view.state.nextId()
  const link = {
    ...{ id, globalId: typeof globalId === 'string' ? globalId : `${url}#${id}`, url, title },
    relationship: typeof relationship === 'string' ? relationship : null,
  }
  const remoteLinks = [...issue.remoteLinks.filter((one) => one.id !== id), link]
  view.state.change(issue.id, { remoteLinks }, { userId: view.user.accountId })
  return { status: known ? 200 : 201, body: { id, self: `${view.base}/rest/api/3/issue/${issue.key}/remotelink/${id}` } }
}

function unlink(view: View, { params }: SimulatorRequest): Reply {
  const link = view.state.links.get(Number(params[0]))
  if (!link) refusePlatform(404, `No issue link with id '${params[0]}' exists.`)
  view.state.links.delete(link.id)
  note(view, link, false)
  return { status: 204 }
}

/** The history of both issues names the other one. */
function note({ state, user }: View, { typeId, outwardId, inwardId }: JiraLink, isAdded: boolean): void {
  const { inward, outward } = byId(linkTypes, typeId)
  const ends: [number, number, string][] = [
    [outwardId, inwardId, outward],
    [inwardId, outwardId, inward],
  ]
  for (const [own, otherId, words] of ends) {
    const other = state.find(String(otherId)) as JiraIssue
    const text = `This issue ${words} ${other.key}`
    const [from, to] = isAdded ? [null, other.key] : [other.key, null]
    const item = toItem('Link', from, isAdded ? null : text, to, isAdded ? text : null)
    state.change(own, {}, { userId: user.accountId, items: [{ ...item, fieldId: 'issuelinks' }] })
  }
}

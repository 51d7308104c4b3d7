import type { Call } from '../../domain/call.ts'
import { type EntityRef, encodeId } from '../../domain/ids.ts'
import {
  type AttachmentDraft,
  outcomeUnknown,
  type ReplyToTicket,
  rejected,
  type UserError,
  type WriteResult,
} from '../../domain/writes.ts'
import type { Answer } from '../http-client/types.ts'
import { concludeFound, writeVerified } from '../verified-write.ts'
import { type IntercomTicket, toPart } from './decode.ts'
import type { Intercom } from './index.ts'
import { readActor } from './lookups.ts'
import { toWrite } from './send.ts'

// Public messages and internal notes.

/** A note is a kind of message of its own, and never a reply with a mark: it is read back all the same. */
export function replyToTicket(intercom: Intercom, ref: EntityRef, input: ReplyToTicket, call: Call): Promise<WriteResult> {
  const { info, upstream } = intercom
  const isNote = input.visibility === 'INTERNAL'
  let answer: Answer | undefined
  const write = toWrite(intercom, ref)
  return writeVerified<IntercomTicket, Readonly<Record<string, unknown>>>(
    {
      ...write,
      async prepare(before, fresh) {
        const problem = findMessageProblem(info.label, before, input)
        if (problem) return problem
        const { id } = await readActor(intercom, fresh)
        const urls = input.attachments?.map(({ url }) => url) ?? []
        const message = { message_type: isNote ? 'note' : 'comment', type: 'admin', admin_id: id, body: toSentText(input) }
        return { body: { ...message, ...(urls.length > 0 && { attachment_urls: urls }) }, wishes: [] }
      },
      send: (body) =>
        upstream.write(
          { operation: isNote ? 'note' : 'reply', method: 'POST', path: `/tickets/${ref.externalId}/reply`, body },
          call,
        ),
      toRefusal(given) {
        answer = given
        return write.toRefusal(given)
      },
      conclude: ({ after }) => concludeReply(intercom, after, answer, { ref, input }),
    },
    call,
  )
}

/** Why a message is not sent; null: nothing is known against it. */
function findMessageProblem(label: string, { isShared }: IntercomTicket, input: ReplyToTicket): WriteResult | null {
  const { format = null, visibility, attachments } = input
  if (format === 'HTML' ? visibility === 'PUBLIC' : format !== null && format !== 'TEXT')
    return rejected('NOT_SUPPORTED', `${label} takes TEXT, and HTML in notes.`, ['input', 'format'])
  if (visibility === 'PUBLIC' && !isShared)
    return rejected('CONFLICT', `${label} does not share this ticket with the customer, who would not read a reply.`)
  if ((attachments?.length ?? 0) > maxFiles)
    return rejected('INVALID', `${label} takes ${maxFiles} files with a message.`, ['input', 'attachments'])
  const index = attachments?.findIndex((draft) => !isImage(draft)) ?? -1
  return index < 0 ? null : rejected('NOT_SUPPORTED', `${label} takes images alone.`, ['input', 'attachments', String(index)])
}

const maxFiles = 10

/** Only addresses of images can be sent (INTERCOM-11). */
function isImage({ contentType = null, filename }: AttachmentDraft): boolean {
  return contentType === null ? /\.(?:png|jpe?g|gif|webp|bmp|svg|heic|tiff?)$/i.test(filename) : /^image\//i.test(contentType)
}

/** A note may be HTML: a text that could be read as such is written as a paragraph, so that it comes out as it is. */
function toSentText({ body, format = null, visibility }: ReplyToTicket): string {
  if (visibility === 'PUBLIC' || format === 'HTML' || !/[&<>\n]/.test(body)) return body
  const escaped = body.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `<p>${escaped.replace(/\r?\n/g, '<br>')}</p>`
}

/** By the id of the part in the answer. A ticket shows 500 parts at most (INTERCOM-07): behind them the answer itself is the proof. */
function concludeReply(
  intercom: Intercom,
  after: IntercomTicket,
  answer: Answer | undefined,
  { ref, input }: { readonly ref: EntityRef; readonly input: ReplyToTicket },
): WriteResult {
  const { info, config } = intercom
  const answered = toPart(answer?.body)
  if (answered === null) return outcomeUnknown(ref)
  const seen = after.parts.find(({ id }) => id === answered.id)
  const isCut = after.partCount > after.parts.length
  const shown = seen || !isCut ? after : { ...after, parts: [...after.parts, answered] }
  const messages = intercom.toTicket(shown, intercom.origin(), false).messages ?? []
  const id = encodeId('message', info.key, config.tenant, `${after.id}#${answered.id}`)
  const message = messages.find((one) => one.id === id)
  const lost = (seen ?? answered).files.length < (input.attachments?.length ?? 0)
  const unmet: UserError[] = lost
    ? [{ code: 'SOURCE_REJECTED', message: `${info.label} wrote the message without a file.`, field: ['input', 'attachments'] }]
    : []
  return concludeFound(message, intercom.toTicket(after, intercom.origin(), true), unmet, { ref, label: info.label, input })
}

import { createHmac } from 'node:crypto'
import type { Reply, Simulator, SimulatorRequest } from '../simulator.ts'
import { minuteMs } from '../times.ts'
import { toFailure } from './errors.ts'
import type { Attachment } from './records.ts'
import type { IntercomState } from './state.ts'

/** How long the address of a file works. */
const addressLifetimeMs = 30 * minuteMs

const signingKey = 'sandbox-intercom-files'

/** The host of the files. Its addresses are signed and expire, and it wants no credentials. */
export interface Files {
  /** The path of a file from now on, for half an hour. */
  path(file: Attachment, now: number): string
  readonly host: Simulator
}

export function createFiles(state: IntercomState): Files {
  const signatureOf = (id: string, expires: number) =>
    createHmac('sha256', signingKey).update(`${id}.${expires}`).digest('hex').slice(0, 32)
  const fileById = (id: string) =>
    state
      .tickets()
      .flatMap(({ parts, attributes }) => [
        ...parts.flatMap(({ attachments }) => attachments),
        ...Object.values(attributes).flatMap((value) => (Array.isArray(value) ? (value as readonly Attachment[]) : [])),
      ])
      .find((file) => file.id === id)
  const download = ({ params, query, headers }: SimulatorRequest): Reply => {
    if (headers.authorization !== undefined) return { status: 400 }
    const [id = ''] = params
    const expires = Number(query.get('expires'))
    if (query.get('signature') !== signatureOf(id, expires) || state.now() >= expires * 1000) return { status: 403 }
    const file = fileById(id)
    return file?.bytes ? { status: 200, headers: { 'content-type': file.contentType }, body: file.bytes } : { status: 404 }
  }
  return {
    path({ id, name }, now) {
      const expires = Math.ceil((now + addressLifetimeMs) / 1000)
      return `/i/o/${id}/${encodeURIComponent(name)}?expires=${expires}&signature=${signatureOf(id, expires)}`
    },
    host: {
      routes: [{ method: 'GET', path: /^\/i\/o\/([^/]+)\/[^/]+$/, operation: 'download', handle: download }],
      authorise: () => null,
      failure: toFailure,
      tickets: () => 0,
      ticket: () => undefined,
      changeOne: () => [],
    },
  }
}

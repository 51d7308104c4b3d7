import type { Reply } from '../simulator.ts'

const titles: Readonly<Record<number, string>> = {
  400: 'bad request',
  401: 'not authorize',
  403: 'forbidden',
  404: 'not found',
  409: 'conflict',
  500: 'internal server error',
}

/** OneView's `Error`: the status as text. */
export function toFailure(status: number) {
  return { errors: [{ status: String(status), title: titles[status] ?? 'error' }] }
}

export function refuse(status: number): Reply {
  return { status, body: toFailure(status) }
}

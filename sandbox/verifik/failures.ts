import type { Reply } from '../simulator.ts'

/** The newest of Verifik's three error shapes. */
export function refuseSuccess(status: number, error: string, code: string): Reply {
  return { status, body: { success: false, error, code } }
}

/** The second shape: `message` holds the code. */
export function refuseWithCode(status: number, error: string, code: string): Reply {
  return { status, body: { error, message: code } }
}

/** The legacy shape. Texts are localised. */
export function refuseLegacy(status: number, code: string, message: string): Reply {
  return { status, body: { code, message } }
}

/** A failure that no route words itself. */
export function toFailure(status: number) {
  if (status === 401) return { code: 'Unauthorized', message: 'El token no es válido o ha expirado' }
  if (status === 404) return { code: 'NotFound', message: 'La ruta no existe' }
  return { success: false, error: 'Internal server error', code: status === 429 ? 'TOO_MANY_REQUESTS' : 'INTERNAL_ERROR' }
}

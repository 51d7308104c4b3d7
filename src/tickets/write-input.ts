import type { UserError } from '../domain/writes.ts'

const maxKeyLength = 255

/** A text that the model requires and that is empty or blank. */
export function missingText(name: string, text: string): UserError | null {
  if (text.trim() !== '') return null
  return { code: 'REQUIRED', message: `\`${name}\` must not be empty.`, field: ['input', name] }
}

/** An idempotency key that cannot be kept. */
export function unusableKey(key: string | null): UserError | null {
  if (key === null || (key.trim() !== '' && key.length <= maxKeyLength)) return null
  return {
    code: 'INVALID',
    message: `\`idempotencyKey\` must have 1 to ${maxKeyLength} characters.`,
    field: ['input', 'idempotencyKey'],
  }
}

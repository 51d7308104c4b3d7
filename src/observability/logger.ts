import { type DestinationStream, pino } from 'pino'
import type { Logger } from '../domain/telemetry.ts'
import { cleanFields } from './clean-fields.ts'

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Where lines go; the standard output otherwise. */
  readonly stream?: DestinationStream | undefined
}

/**
 * One JSON line per message. Fields are cleaned before they are written, so that a token, a body, an e-mail or a
 * phone number that reaches a log call does not reach the log. Parts put `requestId` among the fields.
 */
export function createLogger({ level, stream }: LoggerOptions): Logger {
  const options = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    // pino's own would write an error's causes into its message; ours are clean already.
    serializers: { err: (error: unknown) => error },
  }
  const log = stream ? pino(options, stream) : pino(options)
  const write = (as: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    if (log.isLevelEnabled(as)) log[as](cleanFields(fields), cleanFields({ message }).message as string)
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

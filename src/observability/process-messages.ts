import { pino } from 'pino'
import { createLogger } from './logger.ts'

/** What a process says about itself: that it serves, that it did not start, that it keeps its configuration. */
export interface ProcessMessages {
  /** `text` is for a person at a terminal; `message` and `fields` are the same as one line of JSON. */
  inform(text: string, message: string, fields?: object): void
  fail(message: string): void
}

/** The streams of a process, as far as they are used here. */
interface OutputStream {
  readonly isTTY?: boolean
  readonly fd: number
  write(text: string): unknown
}

/**
 * Writes text to a terminal. Elsewhere a program reads the output, so that every line is JSON, as those of the log are. Each message is written
 * before the call returns, because the process may end next.
 */
export function createProcessMessages(output: OutputStream, errors: OutputStream): ProcessMessages {
  const toLog = ({ fd }: OutputStream) => createLogger({ level: 'info', stream: pino.destination({ dest: fd, sync: true }) })
  return {
    inform(text, message, fields = {}) {
      if (output.isTTY) output.write(`${text}\n`)
      else toLog(output).info(fields, message)
    },
    fail(message) {
      if (errors.isTTY) errors.write(`${message}\n`)
      else toLog(errors).error({}, message)
    },
  }
}

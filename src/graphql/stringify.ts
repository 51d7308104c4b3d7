import type { FormattedExecutionResult } from 'graphql'
import { JsonText } from '../performance/compiled-executor/json-text.ts'

/** The response body of a result: data that is text already is written as it is, errors first, as the specification advises. */
export function stringifyResult(result: FormattedExecutionResult): string {
  const data: unknown = result.data
  if (!(data instanceof JsonText)) return JSON.stringify({ errors: result.errors, data, extensions: result.extensions })
  const errors = result.errors === undefined ? '' : `"errors":${JSON.stringify(result.errors)},`
  const extensions = result.extensions === undefined ? '' : `,"extensions":${JSON.stringify(result.extensions)}`
  return `{${errors}"data":${data.text}${extensions}}`
}

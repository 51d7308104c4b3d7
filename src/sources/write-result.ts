import { DeskgraphError } from '../domain/errors.ts'
import type { EntityRef } from '../domain/ids.ts'
import { outcomeUnknown, rejected, type WriteResult } from '../domain/writes.ts'
import type { Answer, WriteAnswer } from './http-client/types.ts'

export interface WriteReading {
  readonly source: { readonly key: string; readonly label: string }
  /** The ticket that was meant; null for a new one. */
  readonly ref: EntityRef | null
  /** What a 2xx answer shows. */
  readonly toApplied: (answer: Answer) => WriteResult
  /** The input field that a 400 or 422 is about, where it can be told. */
  readonly toField: (answer: Answer) => readonly string[] | null
}

/** What became of a write, from its answer. The vendor's own words are not passed on: they may quote anything. */
export function toWriteResult(written: WriteAnswer, reading: WriteReading): WriteResult {
  if (written.ended === 'unconfirmed') return outcomeUnknown(reading.ref)
  const { answer } = written
  const { label } = reading.source
  // A page of HTML behind a 200 is some box in between that speaks: whether the source was reached is not known.
  if (answer.status < 300) return answer.readable ? reading.toApplied(answer) : outcomeUnknown(reading.ref)
  switch (answer.status) {
    case 400:
    case 413:
    case 422:
      return rejected('INVALID', `${label} did not accept the input.`, reading.toField(answer))
    case 403:
      return rejected('FORBIDDEN', `${label} does not let you do this.`)
    case 404:
      return rejected('NOT_FOUND', `${label} does not know this ticket.`)
    case 405:
      return rejected('NOT_SUPPORTED', `${label} does not offer this.`)
    case 408:
      return outcomeUnknown(reading.ref)
    case 409:
    case 412:
    case 423:
      return rejected('CONFLICT', `${label} says that the ticket's present state does not allow this.`)
    default:
      throw new DeskgraphError('UPSTREAM_REJECTED', `${label} refused the change (HTTP ${answer.status}).`, {
        source: reading.source.key,
      })
  }
}

import { noMetrics } from '../../src/domain/telemetry.ts'
import type { PlainTicket } from '../../src/domain/ticket.ts'
import { toPlainTicket } from '../../src/domain/ticket-view.ts'
import type { Origin } from '../../src/sources/source.ts'
import { createTranslate, type Mapping, type TranslateOptions } from '../../src/sources/translate.ts'

interface Options extends Partial<Pick<TranslateOptions<unknown>, 'baseUrl' | 'metrics'>> {
  readonly isSummary?: boolean
}

/** All fields of a decoded record, as the source of this mapping reads them. */
export function translate<Wire extends { readonly id: string }>(
  mapping: Mapping<Wire>,
  wire: Wire,
  origin: Origin,
  { isSummary = false, baseUrl = 'https://desk.example', metrics = noMetrics }: Options = {},
): PlainTicket {
  return toPlainTicket(createTranslate({ mapping, key: origin.source.key, baseUrl, metrics })(wire, origin, isSummary))
}

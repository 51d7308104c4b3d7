/** One spelling for `FP_SG`, `fp-sg` and `fp_sg`, which the vendor uses for the same entity; null where there is no text. */
export function toEntityId(text: string | null): string | null {
  return text === null ? null : text.toUpperCase().replaceAll('-', '_')
}

/** Whether a ticket's `source` can name an entity at all: brand and country, as in `fp-sg`. */
export function isEntity(text: string | null): text is string {
  return text !== null && /^[a-z]{2,4}[-_][a-z]{2}$/i.test(text)
}

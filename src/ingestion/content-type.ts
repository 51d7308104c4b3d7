const accepted = /^application\/(?:json|x-ndjson|jsonl|[a-z0-9!#$&^_.-]+\+json)$/

/** Is this a content type of events? JSON, NDJSON and `+json` types, in UTF-8. */
export function isEventContentType(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';')
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) return false
  return accepted.test(type.trim())
}

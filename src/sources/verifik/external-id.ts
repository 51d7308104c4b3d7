/** `support_ticket_…` or 24 hex digits are documented; anything of that alphabet is let through, nothing that could change a path. */
export function isExternalId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/.test(text)
}

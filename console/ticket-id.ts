/**
 * The global id of a ticket, as the gateway makes it: base64url of "T", the source's key, NUL, the tenant, NUL and the
 * ticket's own id. Ids are opaque to clients, who get them from a query; the console writes its own only so that its
 * mutations can be tried before anything was asked. A test holds it to the gateway's scheme.
 */
export function toTicketId(sourceKey: string, tenant: string, externalId: string): string {
  const bytes = new TextEncoder().encode(`T${sourceKey}\u0000${tenant}\u0000${externalId}`)
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

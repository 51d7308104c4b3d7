/** The part of the package that is used here. It brings no types. */
declare module 'negotiator' {
  export default class Negotiator {
    constructor(request: { readonly headers: { readonly accept?: string; readonly 'accept-encoding'?: string } })
    /** The offered types that the client accepts, the one it prefers first; without offers: the types that its `Accept` names. */
    mediaTypes(offered?: readonly string[]): string[]
    /** The offered encodings that the client accepts. `preferred`: the order of those that the client likes equally. */
    encodings(offered: readonly string[], options: { readonly preferred: readonly string[] }): string[]
  }
}

/** A completed value: its JSON text, written once and never parsed again on its way to the client. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** For whoever stringifies the value after all, such as a live event or a test. */
  toJSON(): unknown {
    return JSON.parse(this.text)
  }
}

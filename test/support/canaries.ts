/** Marked values of secrets and personal data. Tests plant them and search for them where they must not appear. */
const stem = 'c4n4ry'

/** One marked value for each kind of data. */
export const canary = {
  /** The gateway's own token at a source. */
  upstreamToken: `${stem}-upstream-token`,
  /** A secret shared with senders of events. */
  webhookSecret: `${stem}-webhook-secret`,
  partnerSecret: `${stem}-partner-secret`,
  email: `${stem}.person@mail.example`,
  phone: '+49 151 2345 6789',
  person: `${stem} McPerson`,
  /** A customer's text. */
  text: `the ${stem} sings about its order`,
  header: `${stem}-header`,
  /** The body of a source's failure. */
  upstreamBody: `${stem} says: stack at db-7.internal`,
  /** A path or host of a source. */
  place: `${stem}-host.internal`,
  id: `${stem}-id`,
} as const

const patterns = [/c4n4ry/i, /151[\s.-]*2345[\s.-]*6789/, /db-7\.internal/]

/** The lines of the text that contain a marked value or one of the further words. */
export function linesWithCanaries(text: string, more: readonly string[] = []): string[] {
  return text
    .split('\n')
    .filter((line) => patterns.some((pattern) => pattern.test(line)) || more.some((word) => line.includes(word)))
}

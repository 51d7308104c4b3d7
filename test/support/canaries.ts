/** Words that stand for what nobody outside may read: planted where such things are, and looked for where they must not be. */
const stem = 'c4n4ry'

export const canary = {
  /** The gateway's own token at a source. */
  upstreamToken: `${stem}-upstream-token`,
  /** A secret shared with senders of events. */
  webhookSecret: `${stem}-webhook-secret`,
  partnerSecret: `${stem}-partner-secret`,
  email: `${stem}.person@mail.example`,
  phone: '+49 151 2345 6789',
  person: `${stem} McPerson`,
  /** What somebody wrote. */
  text: `the ${stem} sings about its order`,
  header: `${stem}-header`,
  /** What a source says in its failures. */
  upstreamBody: `${stem} says: stack at db-7.internal`,
  /** A path or host of a source. */
  place: `${stem}-host.internal`,
  id: `${stem}-id`,
} as const

const telltales = [/c4n4ry/i, /151[\s.-]*2345[\s.-]*6789/, /db-7\.internal/]

/** Every line of the text that has a canary or one of the further words in it. */
export function linesWithCanaries(text: string, more: readonly string[] = []): string[] {
  return text
    .split('\n')
    .filter((line) => telltales.some((pattern) => pattern.test(line)) || more.some((word) => line.includes(word)))
}

/** The words that a vendor uses for one field, and the model's values for them: one table, in both directions. */
export interface Vocabulary<Value extends string> {
  /** Every word of the table, in its order. */
  readonly words: readonly string[]
  /** The words that mean one of these values. */
  wordsOf(values: readonly string[]): readonly string[]
  /** The value of a vendor's word. UNKNOWN for every word that is not in the table. */
  toValue(word: string): Value | 'UNKNOWN'
  /** The word to write for a value. null: the vendor accepts none. */
  toWord(value: string): string | null
  /**
   * The only word with this value: a filter by it is exact. null: no word has the value, several have, or other spellings of the word
   * are read too, which a filter by it would miss.
   */
  toOnlyWord(value: string): string | null
}

export interface VocabularyOptions<Value extends string> {
  /**
   * How the vendor's words are spelled. `exact`: as in the table. `anyCase`: the table has them in lower case. `letters`: free text, of
   * which only letters count; the table has them in lower case, without other characters. Default: `exact`.
   */
  readonly spelling?: 'exact' | 'anyCase' | 'letters'
  /** Words that the vendor sends and does not accept. */
  readonly readOnly?: readonly string[]
  /** For values without a word of their own: the value whose word is written in their place. */
  readonly nearest?: Readonly<Partial<Record<Value | 'UNKNOWN', Value>>>
}

const spellings = {
  exact: (word: string) => word,
  anyCase: (word: string) => word.toLowerCase(),
  letters: (word: string) => word.toLowerCase().replace(/[^a-z]/g, ''),
}

/** Builds both directions of a mapping from one table of words. Where several words have one value, the first is the one to write. */
export function createVocabulary<Value extends string>(
  table: Readonly<Record<string, Value>>,
  { spelling = 'exact', readOnly = [], nearest }: VocabularyOptions<Value> = {},
): Vocabulary<Value> {
  const values = new Map(Object.entries(table))
  const words = [...values.keys()]
  const spell = spellings[spelling]
  const nearestOf = new Map<string, Value | undefined>(Object.entries(nearest ?? {}))
  const findWord = (value: string | undefined) =>
    words.find((word) => values.get(word) === value && !readOnly.includes(word)) ?? null
  return {
    words,
    wordsOf: (wanted) => words.filter((word) => wanted.includes(values.get(word) ?? 'UNKNOWN')),
    toValue: (word) => values.get(spell(word)) ?? 'UNKNOWN',
    toWord: (value) => findWord(value) ?? findWord(nearestOf.get(value)),
    toOnlyWord(value) {
      const [only, ...others] = words.filter((word) => values.get(word) === value)
      return spelling === 'exact' && others.length === 0 ? (only ?? null) : null
    },
  }
}

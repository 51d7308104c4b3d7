/** The words that a vendor uses for one field, and the model's values for them. Case does not matter. */
export interface Vocabulary<Value extends string> {
  /** The value of a vendor's word. UNKNOWN for every word that is not in the table. */
  toValue(word: string): Value | 'UNKNOWN'
  /** The word to write for a value. null: the vendor accepts none. */
  toWord(value: string): string | null
  /** The only word with this value: a filter by it is exact. null: no word has the value, or several have. */
  toOnlyWord(value: string): string | null
}

/**
 * Builds both directions of a mapping from one table. Keys are the vendor's words in lower case; where several have one
 * value, the first is the word to write. The vendor sends the words of `readOnly` and does not accept them.
 */
export function createVocabulary<Value extends string>(
  table: Readonly<Record<string, Value>>,
  { readOnly = [] }: { readonly readOnly?: readonly string[] } = {},
): Vocabulary<Value> {
  const values = new Map(Object.entries(table))
  const wordsOf = (value: string) => Object.keys(table).filter((word) => table[word] === value)
  return {
    toValue: (word) => values.get(word.toLowerCase()) ?? 'UNKNOWN',
    toWord: (value) => wordsOf(value).find((word) => !readOnly.includes(word)) ?? null,
    toOnlyWord(value) {
      const words = wordsOf(value)
      return words.length === 1 ? words[0]! : null
    },
  }
}

/**
 * The enum object of a union of texts, for `registerEnumType`. Its keys are those of the enum's `valuesConfig`,
 * so that a value without a description does not compile.
 */
export function enumOf<T extends string>(valuesConfig: Readonly<Record<T, unknown>>): { readonly [K in T]: K } {
  return Object.fromEntries(Object.keys(valuesConfig).map((value) => [value, value])) as { readonly [K in T]: K }
}

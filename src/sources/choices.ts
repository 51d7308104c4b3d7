import type { TransferQueue } from './source.ts'

// Choices for menus, of vendors that list all of something at once.

/** The people of whom one of the texts contains the search, in any case. null or blank: all. */
export function searchPeople<Person>(
  people: readonly Person[],
  search: string | null,
  textsOf: (person: Person) => readonly (string | null)[],
): readonly Person[] {
  const wanted = search?.trim().toLowerCase() ?? ''
  return people.filter((person) => textsOf(person).some((text) => text?.toLowerCase().includes(wanted)))
}

/** Where a ticket can be moved to. A queue without a name has its id as its name. */
export function toQueues(all: readonly { readonly id: string; readonly name: string | null }[]): readonly TransferQueue[] {
  return all.map(({ id, name }) => ({ key: id, name: name ?? id, language: null }))
}

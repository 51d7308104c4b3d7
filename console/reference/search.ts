// The search of the reference: hides every entry that does not have all the words. Without this script the page shows everything.

/** A field, value or argument list of a type, or a type or root field itself. */
interface Searched {
  readonly element: HTMLElement
  readonly text: string
}
interface Entry extends Searched {
  /** The entry without its members. */
  readonly own: string
  readonly members: readonly Searched[]
  readonly links: readonly HTMLElement[]
}

const field = document.querySelector<HTMLInputElement>('#search')!
const found = document.querySelector<HTMLOutputElement>('#found')!
const contents = document.querySelector<HTMLDetailsElement>('.contents')!
const textOf = (element: Element) => (element.textContent ?? '').toLowerCase()

/** Names are also found by their parts: "customFields" by "custom fields". */
const withParts = (element: Element) => {
  const text = element.textContent ?? ''
  return `${text} ${text.replace(/([a-z])([A-Z])/g, '$1 $2')}`.toLowerCase()
}

const entries: readonly Entry[] = [...document.querySelectorAll<HTMLElement>('article')].map((element) => {
  const members = [...element.querySelectorAll<HTMLElement>('.member')]
  const used = [...element.querySelectorAll('.members, .users')]
  const head = [...element.children].filter((child) => !used.includes(child))
  const name = withParts(element.querySelector('h3')!)
  return {
    element,
    text: textOf(element),
    own: `${name} ${head.map(textOf).join(' ')}`,
    members: members.map((member) => ({ element: member, text: `${name} ${withParts(member)}` })),
    links: [...contents.querySelectorAll<HTMLElement>(`a[href="#${CSS.escape(element.id)}"]`)].flatMap(
      (link) => link.parentElement ?? [],
    ),
  }
})
const groups = [...document.querySelectorAll<HTMLElement>('.group, .contents section')]

function search(query: string): void {
  const words = query.toLowerCase().match(/[^\s.]+/g) ?? []
  const hasAll = (text: string) => words.every((word) => text.includes(word))
  let count = 0
  for (const { element, own, members, links } of entries) {
    const wholeEntry = hasAll(own)
    const matching = wholeEntry ? members : members.filter(({ text }) => hasAll(text))
    const shown = new Set(matching)
    for (const member of members) member.element.hidden = !shown.has(member)
    const isShown = wholeEntry || matching.length > 0
    if (isShown) count += 1
    for (const part of [element, ...links]) part.hidden = !isShown
  }
  for (const group of groups)
    group.hidden = ![...group.querySelectorAll('article, li')].some((part) => !(part as HTMLElement).hidden)
  tellFound(words.length === 0 ? null : count, query)
}

/** How many entries are found, and a link to those that have exactly this name. null: nothing is searched. */
function tellFound(count: number | null, query: string): void {
  const wanted = query.trim().toLowerCase()
  const named = entries.filter(({ element }) =>
    [element.id.toLowerCase(), element.id.split('.').at(-1)!.toLowerCase()].includes(wanted),
  )
  const links = named.map(({ element }) =>
    Object.assign(document.createElement('a'), { href: `#${element.id}`, textContent: element.id }),
  )
  found.replaceChildren(count === null ? '' : count === 0 ? 'Nothing found' : `${count} found`, ...links)
}

function start(): void {
  field.value = new URL(location.href).searchParams.get('q') ?? ''
  if (field.value !== '') search(field.value)
  field.addEventListener('input', () => {
    search(field.value)
    const url = new URL(location.href)
    url.searchParams.set('q', field.value)
    if (field.value === '') url.searchParams.delete('q')
    history.replaceState(null, '', url)
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target === field) return
    event.preventDefault()
    field.focus()
  })
  // A link leads to its entry, also when the search hides it.
  addEventListener('hashchange', () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
    if (!target || target.offsetParent !== null) return
    field.value = ''
    search('')
    target.scrollIntoView()
  })
  const wide = matchMedia('(min-width: 900px)')
  const openContents = () => {
    contents.open = wide.matches
  }
  wide.addEventListener('change', openContents)
  openContents()
}

start()

export {}

import { type Group, type Reason, reasonGroups } from './contact-reasons.ts'
import type { CcrTiers, SearchableCcr } from './wire.ts'

const allReasons = reasonGroups.flatMap((group) => group.reasons.map((reason) => ({ group, reason })))

/** The label of a tier 3 code; undefined for a code that is not in the tree. */
export function findReason(code: string): Reason | undefined {
  return allReasons.find((entry) => entry.reason.code === code)?.reason
}

/** `GET /v1/ccr`: the tree, recursive. */
export function toTiers(): CcrTiers {
  return Object.fromEntries(
    reasonGroups.map((group) => [group.code, { translations: [english(group.label)], child: toLetters(group) }]),
  )
}

function toLetters(group: Group): CcrTiers {
  const letters = [...new Set(group.reasons.map((reason) => reason.code.slice(0, 2)))]
  return Object.fromEntries(
    letters.map((letter) => [
      letter,
      {
        translations: [english(letterLabel(group, letter))],
        child: Object.fromEntries(
          group.reasons.filter(({ code }) => code.startsWith(letter)).map((reason) => [reason.code, toLeaf(reason)]),
        ),
      },
    ]),
  )
}

function toLeaf(reason: Reason) {
  const others = Object.entries(reason.local).map(([language, translation]) => ({ language, translation }))
  return { translations: [english(reason.label), ...others] }
}

/** `GET /v1/ccr/search?q`: the reasons whose label or code holds the text, in any language. */
export function searchReasons(text: string): { data: SearchableCcr; parents: SearchableCcr[] }[] {
  const wanted = text.toLowerCase()
  return allReasons.flatMap(({ group, reason }) => {
    const labels: [string, string][] = [['eng', reason.label], ...Object.entries(reason.local)]
    const hit = labels.find(([, label]) => label.toLowerCase().includes(wanted) || reason.code.toLowerCase() === wanted)
    if (!hit) return []
    const letter = reason.code.slice(0, 2)
    return [
      {
        data: { translation: hit[1], language: hit[0], code: reason.code, level: 3 },
        parents: [
          { translation: group.label, language: 'eng', code: group.code, level: 1 },
          { translation: letterLabel(group, letter), language: 'eng', code: letter, level: 2 },
        ],
      },
    ]
  })
}

function english(translation: string) {
  return { language: 'eng', translation }
}

function letterLabel(group: Group, letter: string): string {
  return `${group.label} ${letter.slice(1) === 'A' ? 'request' : 'complaint'}`
}

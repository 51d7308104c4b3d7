import * as z from 'zod'
import { httpUrl } from '../domain/config-values.ts'
import type { Ticket, TicketLink } from '../domain/ticket.ts'

// Tickets that are the same one in two systems: where a source names the other system's ticket, its link has the kind MIRROR.

/** The tickets of other systems that a source names. Every pulled source has it in its block, as `mirrors`. */
export const mirrorsConfig = z
  .array(
    z
      .strictObject({
        field: z
          .string()
          .min(1)
          .optional()
          .describe(
            'The name or the key of a custom field. It has the number or the address of the other ticket, or several of them.',
          ),
        link: z
          .string()
          .min(1)
          .optional()
          .describe('In place of `field`: the system by which the source’s own links name the other one, such as SALESFORCE.'),
        source: z
          .string()
          .min(1)
          .describe(
            'The key of the source that has the other ticket, or the system of the only source that is one. Another name: the link has no ticket.',
          ),
        url: httpUrl('remove them')
          .optional()
          .describe(
            'Where people open the other tickets, if that is not the `url` of their source. An address of another host is not followed.',
          ),
      })
      .refine(({ field, link }) => (field === undefined) !== (link === undefined), {
        path: ['field'],
        message: 'write one of `field` and `link`',
      }),
  )
  .describe('Which custom fields and links name the same ticket in another system. Its links then have the kind MIRROR.')
export type MirrorRule = z.output<typeof mirrorsConfig>[number]

/** A source's block, as far as other sources refer to it. */
interface Block {
  readonly system: string
  readonly url?: unknown
  readonly siteUrl?: unknown
}

/** The links of a ticket with its mirrors. Pure. Links that are not known stay so. */
export type AddMirrors = (links: Ticket['links'], ticket: Pick<Ticket, 'number' | 'customFields'>) => Ticket['links']

/** Undefined: the block of this source names no other system. */
export function createMirrors(
  key: string,
  rules: readonly MirrorRule[] | undefined,
  blocks: Readonly<Record<string, Block>>,
): AddMirrors | undefined {
  if (rules === undefined || rules.length === 0) return undefined
  const targets = rules.map((rule): Target => ({ ...rule, name: rule.source, ...findSource(rule, blocks) }))
  return (links, ticket) => {
    if (links === null) return null
    const own = links.map((link) => asMirror(link, targets))
    const named = targets.flatMap((target) => readField(ticket, target))
    const isItself = ({ numberIn, externalId }: TicketLink) => numberIn === key && externalId === ticket.number
    return uniqueLinks([...own, ...named.filter((link) => !isItself(link))])
  }
}

/** A rule, and the source that it leads to. */
interface Target extends Pick<MirrorRule, 'field' | 'link'> {
  /** As the configuration names it. */
  readonly name: string
  /** null: no configured source is that one. */
  readonly key: string | null
  readonly system: string | null
  /** Where people open its tickets: scheme, host and port. */
  readonly origins: readonly string[]
}

function findSource({ source, url }: MirrorRule, blocks: Readonly<Record<string, Block>>) {
  const ofSystem = Object.keys(blocks).filter((key) => blocks[key]?.system === source.toLowerCase())
  const key = Object.hasOwn(blocks, source) ? source : ofSystem.length === 1 ? ofSystem[0]! : null
  const block = key === null ? undefined : blocks[key]
  const addresses = [url, block?.siteUrl, block?.url].flatMap((text) => (typeof text === 'string' ? (URL.parse(text) ?? []) : []))
  return { key, system: block?.system ?? null, origins: addresses.map(({ origin }) => origin) }
}

/** A link of the source itself that leads to a known system. */
function asMirror(link: TicketLink, targets: readonly Target[]): TicketLink {
  const target = targets.find((one) => one.link?.toLowerCase() === link.system.toLowerCase())
  return target ? { ...link, kind: 'MIRROR', ...(target.key !== null && { numberIn: target.key }) } : link
}

/** More numbers in one field than these are a text about something else. */
const maxNumbers = 20
/** What a desk may call a ticket: it has a digit, and no character that could change a path. Other words of a field are no mirror. */
const numberPattern = /^(?=.*\d)[\p{L}\d][\p{L}\d_.:-]{0,63}$/u

function readField({ customFields }: Pick<Ticket, 'customFields'>, target: Target): readonly TicketLink[] {
  const field = customFields?.find(({ key, label }) => key === target.field || label === target.field)
  const words = field?.text?.split(/[\s,;]+/).filter((word) => word !== '') ?? []
  if (words.length > maxNumbers) return []
  return words.flatMap((word): readonly TicketLink[] => {
    const { number, url, isOwn } = readNumber(word, target)
    if (number === undefined || !numberPattern.test(number)) return []
    const link = { kind: 'MIRROR', system: target.system ?? target.name, externalId: number, category: null } as const
    const ticket = { ticketId: null, ...(isOwn && target.key !== null && { numberIn: target.key }) }
    return [{ ...link, reason: field?.label ?? null, creator: null, createdAt: null, url, ...ticket }]
  })
}

/** `#12`, `SUP-7`, or the address of a page whose path ends in the number, or has it as `id`. */
function readNumber(word: string, { origins }: Target) {
  const url = /^https?:\/\//i.test(word) ? URL.parse(word) : null
  if (!url) return { number: word.replace(/^#/, ''), url: null, isOwn: true }
  const segment = url.pathname.split('/').findLast((part) => part !== '')
  return { number: url.searchParams.get('id') ?? segment, url: word, isOwn: origins.includes(url.origin) }
}

/** A ticket that two fields name is one mirror. */
function uniqueLinks(links: readonly TicketLink[]): readonly TicketLink[] {
  const seen = new Set<string>()
  return links.filter((link) => {
    if (link.kind !== 'MIRROR') return true
    const name = `${link.numberIn ?? link.system} ${link.externalId}`
    return !seen.has(name) && seen.add(name)
  })
}

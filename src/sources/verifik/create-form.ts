import { ticketPriorities } from '../../domain/ticket.ts'
import type { FormField } from '../source.ts'
import { categoryLabels, priorities } from './mapping.ts'

const anyValue = { options: null, dependsOn: null }
const toOption = ([key, label]: readonly [string, string]) => ({ key, label, parent: null })
const writablePriorities = ticketPriorities.filter((priority) => priorities.toWord(priority) !== null)

/** The documented fields of a new ticket. Priorities are those of the graph, because inputs name them. */
export const createForm: readonly FormField[] = [
  { key: 'title', label: 'Title', type: 'TEXT', required: true, ...anyValue },
  { key: 'description', label: 'Description', type: 'TEXT', required: true, ...anyValue },
  {
    key: 'priority',
    label: 'Priority',
    type: 'CHOICE',
    required: true,
    options: writablePriorities.map((priority) => toOption([priority, priorities.toWord(priority) ?? priority])),
    dependsOn: null,
  },
  {
    key: 'category',
    label: 'Category',
    type: 'CHOICE',
    required: true,
    options: [...categoryLabels].map(toOption),
    dependsOn: null,
  },
  { key: 'tags', label: 'Tags', type: 'CHOICES', required: false, ...anyValue },
]

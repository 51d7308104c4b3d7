import type { CustomFieldDefinition, FormField, FormOption, TransferQueue } from './lookups.ts'

// The form for a new ticket, of fields that most desks have.

/** A field that takes a text, unless `more` says otherwise. */
export function toFormField(key: string, label: string, more: Partial<FormField> = {}): FormField {
  return { key, label, type: 'TEXT', required: false, options: null, dependsOn: null, ...more }
}

/** A field that takes one of these. A choice without a name is shown by its key, as one that is a key alone. */
export function toChoiceField(
  key: string,
  label: string,
  choices: readonly (string | { readonly id: string; readonly name: string | null })[],
  more: Partial<FormField> = {},
): FormField {
  const options = choices.map((one) => (typeof one === 'string' ? toOption(one) : toOption(one.id, one.name)))
  return toFormField(key, label, { type: 'CHOICE', options, ...more })
}

/** The field of the queue that a new ticket comes into, which it needs. */
export function toQueueField(label: string, queues: readonly TransferQueue[]): FormField {
  const options = queues.map(({ key, name }) => toOption(key, name))
  return toFormField('queue', label, { type: 'CHOICE', options, required: true })
}

export function toOption(key: string, label: string | null = null): FormOption {
  return { key, label: label ?? key, parent: null }
}

/** The custom fields that a new ticket takes. */
export function toCustomFormFields(definitions: readonly CustomFieldDefinition[]): readonly FormField[] {
  return definitions.filter(({ writable }) => writable).map(({ writable: _, ...field }) => ({ ...field, dependsOn: null }))
}

import { describe, expect, it } from 'vitest'
import { createVocabulary } from '../../src/sources/vocabulary.ts'

const statuses = createVocabulary(
  { open: 'OPEN', in_progress: 'IN_PROGRESS', progress: 'IN_PROGRESS', cancelled: 'CANCELLED' },
  { readOnly: ['progress', 'cancelled'] },
)

describe('a vocabulary', () => {
  it('has the value of each word, in any casing, and UNKNOWN for other words', () => {
    expect(['open', 'Open', 'progress', 'cancelled', 'reopened', '__proto__', ''].map(statuses.toValue)).toEqual([
      'OPEN',
      'OPEN',
      'IN_PROGRESS',
      'CANCELLED',
      'UNKNOWN',
      'UNKNOWN',
      'UNKNOWN',
    ])
  })

  it('has one word to write for a value, unless the vendor accepts none', () => {
    expect(['OPEN', 'IN_PROGRESS', 'CANCELLED', 'CLOSED', 'UNKNOWN'].map(statuses.toWord)).toEqual([
      'open',
      'in_progress',
      null,
      null,
      null,
    ])
  })

  it('has a word to filter by only where no other word has the value', () => {
    expect(['OPEN', 'IN_PROGRESS', 'CANCELLED', 'UNKNOWN'].map(statuses.toOnlyWord)).toEqual(['open', null, 'cancelled', null])
  })
})

import { describe, expect, it } from 'vitest'
import { createVocabulary } from '../../src/sources/vocabulary.ts'

const statuses = createVocabulary(
  { open: 'OPEN', in_progress: 'IN_PROGRESS', progress: 'IN_PROGRESS', cancelled: 'CANCELLED' },
  { readOnly: ['progress', 'cancelled'], nearest: { OPEN: 'CANCELLED', CANCELLED: 'IN_PROGRESS', UNKNOWN: 'OPEN' } },
)
const channels = (spelling: 'anyCase' | 'letters') => createVocabulary({ email: 'EMAIL', webform: 'WEB' }, { spelling })

describe('a vocabulary', () => {
  it('has the value of each word as the table spells it, and UNKNOWN for other words', () => {
    expect(['open', 'progress', 'cancelled'].map(statuses.toValue)).toEqual(['OPEN', 'IN_PROGRESS', 'CANCELLED'])
    expect(['Open', 'open ', 'reopened', '__proto__', ''].map(statuses.toValue)).toEqual(Array(5).fill('UNKNOWN'))
    expect(statuses.words).toEqual(['open', 'in_progress', 'progress', 'cancelled'])
  })

  it('may read words in any case, or by their letters alone', () => {
    expect(['EMAIL', 'e-mail', 'WebForm', 'web form'].map(channels('anyCase').toValue)).toEqual([
      'EMAIL',
      'UNKNOWN',
      'WEB',
      'UNKNOWN',
    ])
    expect(['EMAIL', 'e-mail', ' Web_Form!', 'web2form'].map(channels('letters').toValue)).toEqual([
      'EMAIL',
      'EMAIL',
      'WEB',
      'WEB',
    ])
    expect(['pigeon', '', '123'].map(channels('letters').toValue)).toEqual(Array(3).fill('UNKNOWN'))
  })

  it('has one word to write for a value: its own, else that of the nearest value, unless the vendor accepts none', () => {
    expect(['OPEN', 'IN_PROGRESS', 'CANCELLED', 'UNKNOWN', 'CLOSED'].map(statuses.toWord)).toEqual([
      'open',
      'in_progress',
      'in_progress',
      'open',
      null,
    ])
  })

  it('has a word to filter by only where no other word has the value, in no other spelling either', () => {
    expect(['OPEN', 'IN_PROGRESS', 'CANCELLED', 'UNKNOWN'].map(statuses.toOnlyWord)).toEqual(['open', null, 'cancelled', null])
    expect([channels('anyCase').toOnlyWord('EMAIL'), channels('letters').toOnlyWord('EMAIL')]).toEqual([null, null])
  })

  it('has the words of several values, in the order of the table', () => {
    const made = createVocabulary({ a: 'X', b: 'Y', c: 'X', d: 'Z' }, { readOnly: ['a'] })
    expect(made.words).toEqual(['a', 'b', 'c', 'd'])
    expect(made.wordsOf(['X', 'Z'])).toEqual(['a', 'c', 'd'])
    expect([made.wordsOf([]), made.wordsOf(['UNKNOWN'])]).toEqual([[], []])
    expect([made.toWord('X'), made.toWord('Y'), made.toWord('W')]).toEqual(['c', 'b', null])
  })
})

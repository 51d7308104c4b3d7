import type { Queue } from './wire.ts'

export const departments = [
  { id: 'partner-service', label: 'Partner Service' },
  { id: 'logistics', label: 'Logistics and Dispatch' },
  { id: 'payments', label: 'Payments and Fraud' },
  { id: 'food-safety', label: 'Food Safety' },
  { id: 'legal', label: 'Legal and Privacy' },
  { id: 'social-media', label: 'Social Media Response' },
] as const

export const resolutionStatuses = ['NO_ACTION', 'REFUNDED', 'CUSTOMER_LEFT_CHAT'] as const

/** The market's country, its entity, the language as tickets spell it and as queues spell it. */
export const markets = [
  { country: 'sg', entityId: 'FP_SG', languages: ['en', 'eng', 'zh'], queueLanguage: 'english', region: 'sg' },
  { country: 'my', entityId: 'FP_MY', languages: ['en', 'ms', 'english'], queueLanguage: 'malay', region: 'my' },
  { country: 'th', entityId: 'FP_TH', languages: ['th', 'en'], queueLanguage: 'thai', region: 'th' },
  { country: 'ph', entityId: 'FP_PH', languages: ['en', 'tl'], queueLanguage: 'english', region: 'ph' },
  { country: 'pk', entityId: 'FP_PK', languages: ['en', 'ur'], queueLanguage: 'urdu', region: 'pk' },
  { country: 'tw', entityId: 'FP_TW', languages: ['zh', 'en'], queueLanguage: 'chinese', region: 'tw' },
] as const
export type Market = (typeof markets)[number]

const short: Record<string, string> = { english: 'eng', malay: 'mal', thai: 'tha', urdu: 'urd', chinese: 'chi' }

/** Queue names are ordered otherwise than in tickets: `chat-eng-sg` for the queue, `chat-sg-en` in the ticket. */
export const queues: readonly Queue[] = [
  { id: 'dummyqueueid', name: 'chat-eng-sg', language: 'english' },
  ...markets.flatMap(({ country, queueLanguage }) =>
    ['chat', 'email', 'voice'].map((channel) => ({
      id: `q-${country}-${channel}`,
      name: `${channel}-${short[queueLanguage]}-${country}`,
      language: queueLanguage,
    })),
  ),
]

export const verticals = [
  'restaurants', 'groceries', 'flowers', 'cosmetics', 'health_supplements', 'pharmacies', 'pets', 'drinks', 'cross_vertical',
  'electronics', 'baby_supplies', 'furniture', 'bags_and_luggage', 'toys', 'optics', 'courier', 'coffee', 'shop',
  'courier_business', 'cash', 'darkstores', 'unknown',
] as const // biome-ignore format: a list of words

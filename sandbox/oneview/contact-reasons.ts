import type { CcrTiers, SearchableCcr } from './wire.ts'

/** A tier 3 contact reason. */
export interface Reason {
  readonly code: string
  readonly label: string
  /** The labels that agents of a market use, by language. */
  readonly local: Readonly<Record<string, string>>
  /** Customers' messages about it. `{item}`, `{minutes}` and `{place}` are placeholders. */
  readonly messages: readonly string[]
}
/** A tier 1 group of contact reasons. */
export interface Group {
  readonly code: string
  readonly label: string
  readonly reasons: readonly Reason[]
}

/** Tier 1 groups (`1`), with their tier 3 reasons (`1A.1`); tier 2 is the letter. */
export const reasonGroups: readonly Group[] = [
  {
    code: '1',
    label: 'delivery',
    reasons: [
      {
        code: '1A.1',
        label: 'delivery - wrong address',
        local: { zh: '配送 - 地址錯誤', th: 'จัดส่ง - ที่อยู่ผิด', ms: 'penghantaran - alamat salah' },
        messages: [
          'The rider is at block 214 but I live at 241, can you tell him?',
          'I moved last week and the app still has my old address in {place}.',
          'Pin is in the wrong place, the rider went to the mall entrance.',
          '外送員送到隔壁棟了，可以請他過來嗎？',
        ],
      },
      {
        code: '1A.2',
        label: 'delivery - late order',
        local: { zh: '配送 - 延遲', th: 'จัดส่ง - ล่าช้า', ms: 'penghantaran - lewat', ur: 'ترسیل - تاخیر' },
        messages: [
          'It has been {minutes} minutes and the rider has not moved on the map.',
          'App says 10 min for the last {minutes} minutes. My kids are hungry.',
          'Order is {minutes} minutes late, please cancel if no rider picks it up.',
          'อาหารยังไม่มาเลยค่ะ รอมา {minutes} นาทีแล้ว',
          'Pesanan saya lambat {minutes} minit, boleh semak?',
        ],
      },
      {
        code: '1B.1',
        label: 'delivery - never received',
        local: { zh: '配送 - 未收到', th: 'จัดส่ง - ไม่ได้รับสินค้า' },
        messages: [
          'Marked as delivered but nothing is at my door, and the photo shows another building.',
          'The rider says he left it with the guard, the guard says no.',
          'Delivered 40 minutes ago according to the app. I never got it.',
        ],
      },
    ],
  },
  {
    code: '2',
    label: 'order quality',
    reasons: [
      {
        code: '2A.1',
        label: 'order - missing item',
        local: { zh: '訂單 - 缺少品項', th: 'คำสั่งซื้อ - สินค้าไม่ครบ', ms: 'pesanan - item tiada' },
        messages: [
          'My {item} is missing, I only got the drinks.',
          'Paid for two {item}, got one.',
          'No cutlery and no {item} in the bag, and the restaurant does not answer.',
          '少了一份{item}，麻煩退款。',
        ],
      },
      {
        code: '2A.2',
        label: 'order - wrong item',
        local: { zh: '訂單 - 品項錯誤', th: 'คำสั่งซื้อ - สินค้าผิด' },
        messages: [
          'I ordered {item} and got something with pork. We are Muslim, this is serious.',
          'This is not my order, the receipt has another name on it.',
          'Got the regular {item} instead of the large one that I paid for.',
        ],
      },
      {
        code: '2B.1',
        label: 'order - food quality',
        local: { zh: '訂單 - 餐點品質', ur: 'آرڈر - کھانے کا معیار' },
        messages: [
          'The {item} was cold and the soup spilled through the whole bag.',
          'Found a hair in the {item}, photo attached.',
          'The {item} tastes sour. I do not feel well now.',
        ],
      },
    ],
  },
  {
    code: '3',
    label: 'payment',
    reasons: [
      {
        code: '3A.1',
        label: 'payment - charged twice',
        local: { zh: '付款 - 重複扣款', ms: 'bayaran - caj dua kali' },
        messages: [
          'I was charged twice for the same order, my bank shows both.',
          'First payment failed, second went through, now both are on my card.',
        ],
      },
      {
        code: '3A.2',
        label: 'payment - refund status',
        local: { zh: '付款 - 退款進度', th: 'การชำระเงิน - สถานะการคืนเงิน' },
        messages: [
          'You promised a refund five days ago and there is nothing on my card.',
          'Where is my refund for order from last Friday?',
          'The refund went to my wallet, I want it on the card please.',
        ],
      },
      {
        code: '3B.1',
        label: 'payment - voucher not applied',
        local: { th: 'การชำระเงิน - คูปองใช้ไม่ได้' },
        messages: [
          'Code NEWYEAR25 says not valid at this shop but it is in your ad.',
          'Voucher gone from my account after the order was cancelled.',
        ],
      },
    ],
  },
  {
    code: '4',
    label: 'account',
    reasons: [
      {
        code: '4A.1',
        label: 'account - cannot log in',
        local: { zh: '帳號 - 無法登入' },
        messages: ['The code never arrives by SMS, I tried four times.', 'Changed my phone number and am locked out now.'],
      },
      {
        code: '4B.1',
        label: 'account - delete my data',
        local: {},
        messages: [
          'Please delete my account and everything you know about me.',
          'I want a copy of my data and then close the account.',
        ],
      },
    ],
  },
]

const allReasons = reasonGroups.flatMap((group) => group.reasons.map((reason) => ({ group, reason })))

/** The reason of a tier 3 code; undefined for a code that is not in the tree. */
export function findReason(code: string): Reason | undefined {
  return allReasons.find((entry) => entry.reason.code === code)?.reason
}

/** The body of `GET /v1/ccr`: the recursive tree. */
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

/** The list of `GET /v1/ccr/search?q`: the reasons whose label in any language contains the text, or whose code equals it. */
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

import type { Region } from '../people.ts'

/** What customers and partners write about. `{order}`, `{item}` and `{minutes}` are placeholders. */
export interface Topic {
  readonly region: Region
  readonly locale: string
  readonly country: string
  readonly reason: string
  readonly group: string
  readonly subject: string
  readonly opening: string
  /** Replies of agent and customer in turn. The agent replies first. */
  readonly replies: readonly string[]
  /** What the agents write to each other. */
  readonly note: string
  readonly tags: readonly string[]
  readonly isPartner?: boolean
}

export const items = [
  'nasi lemak',
  'chicken rice',
  'pad krapow',
  'bubble tea',
  'margherita',
  'sushi set',
  'biryani',
  '滷肉飯',
  'açaí',
]

export const topics: readonly Topic[] = [
  {
    ...{ region: 'sg', locale: 'en-US', country: 'country_sg', reason: 'reason_late', group: 'Orders and Delivery' },
    subject: 'Order {order} is {minutes} minutes late',
    opening:
      'Hi,\n\nmy order {order} should have been here {minutes} minutes ago. The rider has not moved on the map. Can you check please?',
    replies: [
      'I am sorry about the wait. I am calling the rider now and will write again in five minutes.',
      'He just arrived, but the {item} is cold.',
      'That should not happen. I have returned the delivery fee to your wallet.',
    ],
    note: 'Third late order of this customer in two weeks. Rider app shows a flat battery.',
    tags: ['delivery', 'late'],
  },
  {
    ...{ region: 'my', locale: 'ms', country: 'country_my', reason: 'reason_missing', group: 'Orders and Delivery' },
    subject: 'Pesanan {order} tidak lengkap',
    opening: 'Selamat petang, {item} tiada dalam pesanan {order}. Saya sudah bayar penuh. Boleh bayar balik?',
    replies: [
      'Maaf atas kesulitan ini. Boleh hantar gambar makanan yang diterima?',
      'Ini gambarnya. Plastik masih bermeterai.',
      'Terima kasih. Bayaran balik akan masuk dalam 3 hari bekerja.',
    ],
    note: 'Restaurant confirms: item was out of stock and not marked so.',
    tags: ['delivery', 'missing_item', 'refund'],
  },
  {
    ...{ region: 'th', locale: 'th', country: 'country_th', reason: 'reason_address', group: 'Orders and Delivery' },
    subject: 'ส่งผิดที่อยู่ ออเดอร์ {order}',
    opening: 'สวัสดีค่ะ คนส่งเอาอาหารไปส่งผิดตึก ออเดอร์ {order} รอมา {minutes} นาทีแล้ว ช่วยตรวจสอบด้วยนะคะ',
    replies: ['ขออภัยค่ะ กำลังติดต่อคนส่งให้นะคะ', 'ได้รับแล้วค่ะ ขอบคุณค่ะ', 'ขอบคุณที่แจ้งนะคะ ได้แก้หมุดที่อยู่ให้แล้วค่ะ'],
    note: 'Pin of the building was wrong. Corrected by the map team.',
    tags: ['delivery', 'address'],
  },
  {
    ...{ region: 'tw', locale: 'zh-tw', country: 'country_tw', reason: 'reason_refund', group: 'Payments' },
    subject: '訂單 {order} 被重複扣款',
    opening: '您好，訂單 {order} 我的信用卡被扣了兩次，請協助退款，謝謝。',
    replies: [
      '您好，已收到您的問題，請問兩筆扣款的時間是？',
      '相差 {minutes} 秒，金額一樣。',
      '已為您退回其中一筆，約三個工作天入帳。',
    ],
    note: 'Two captures, one authorisation. Payments on call has the trace.',
    tags: ['payment', 'double_charge', 'refund'],
  },
  {
    ...{ region: 'ph', locale: 'en-PH', country: 'country_ph', reason: 'reason_voucher', group: 'Payments' },
    subject: 'Voucher not applied to {order}',
    opening: 'Hello po, the voucher says 20% off but the app charged me the full price for {order}. Screenshot attached.',
    replies: ['Thank you for the screenshot. The voucher needs a minimum of two items.', 'That was not written anywhere po.'],
    note: 'He is right: the terms are missing in the app since the last release.',
    tags: ['payment', 'voucher'],
  },
  {
    ...{ region: 'pk', locale: 'en-US', country: 'country_pk', reason: 'reason_allergy', group: 'Second Line' },
    subject: 'Allergic reaction after order {order}',
    opening:
      'I wrote "no nuts" in the comments of order {order} and the {item} had peanuts. My son is with a doctor. I want to know who checks this.',
    replies: [
      'I am very sorry. I have handed this to our food safety team, and a manager will call you within the hour.',
      'There was no call yet.',
      'The manager reached the hospital number you gave. We have paused the restaurant until it is inspected.',
    ],
    note: 'Safety case 3 opened. Do not offer a voucher. Press may call.',
    tags: ['safety', 'allergy', 'escalated'],
  },
  {
    ...{ region: 'europe', locale: 'de', country: 'country_de', reason: 'reason_invoice', group: 'Payments' },
    subject: 'Rechnung zu Bestellung {order} fehlt',
    opening:
      'Guten Tag,\n\nfür die Bestellung {order} brauche ich eine Rechnung mit ausgewiesener Mehrwertsteuer. Bitte senden Sie sie an diese Adresse.',
    replies: [
      'Guten Tag, gerne. Auf welchen Namen soll die Rechnung lauten?',
      'Auf die Firma, Anschrift steht im Konto.',
      'Die Rechnung liegt bei.',
    ],
    note: 'Firmenkonto, Rahmenvertrag seit 2024.',
    tags: ['invoice', 'business'],
  },
  {
    ...{ region: 'iberia', locale: 'es', country: 'country_es', reason: 'reason_refund', group: 'Payments' },
    subject: 'Reembolso pendiente del pedido {order}',
    opening: 'Hola: cancelé el pedido {order} hace {minutes} minutos y el cargo sigue en mi tarjeta. ¿Cuándo me lo devuelven?',
    replies: [
      'Hola, el reembolso está en curso y tarda de 3 a 5 días.',
      'Ya han pasado seis días.',
      'He pedido al banco el justificante y se lo adjunto.',
    ],
    note: 'Bank shows the refund as sent on the second day.',
    tags: ['payment', 'refund', 'cancelled'],
  },
  {
    ...{ region: 'latam', locale: 'pt-br', country: 'country_br', reason: 'reason_privacy', group: 'Second Line' },
    subject: 'Quero apagar meus dados',
    opening: 'Olá, quero que apaguem minha conta e todos os meus dados, conforme a LGPD. Meu último pedido foi {order}.',
    replies: [
      'Olá, para confirmar que é você, responda a partir do e-mail da conta.',
      'Estou respondendo dele.',
      'Conta apagada. Os recibos ficam guardados por exigência fiscal.',
    ],
    note: 'Identity checked by mail. Deadline is 15 days.',
    tags: ['privacy', 'lgpd'],
  },
  {
    ...{
      region: 'sg',
      locale: 'en-US',
      country: 'country_sg',
      reason: 'reason_menu',
      group: 'Customer Support',
      isPartner: true,
    },
    subject: 'Menu change for our outlets',
    opening:
      'Dear team,\n\nplease replace the {item} with the lunch set from Monday, in all three outlets. The new photos are in the shared folder.',
    replies: [
      'Thank you, the menu team has it. May we confirm the price?',
      '12.90, and 9.90 for the small one.',
      'It is scheduled for Monday 06:00.',
    ],
    note: 'Second change this month; offer the self-service editor.',
    tags: ['partner', 'menu'],
  },
  {
    ...{ region: 'europe', locale: 'en-GB', country: 'country_de', reason: 'reason_invoice', group: 'Payments', isPartner: true },
    subject: 'Commission on invoice is higher than agreed',
    opening: 'Our contract says 18 % and last month you took 22 %. It concerns {minutes} orders, the first one is {order}.',
    replies: ['We are checking the contract with the account manager.', 'Any news? The next invoice is due on Friday.'],
    note: 'The promotion of May had its own rate. Account manager never told them.',
    tags: ['partner', 'invoice', 'commission'],
  },
]

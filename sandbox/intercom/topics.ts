import type { Region } from '../people.ts'

/** What customers and teammates write about. `{order}`, `{item}`, `{shop}` and `{minutes}` are placeholders. */
export interface Topic {
  readonly region: Region
  readonly language: string
  readonly country: string
  readonly typeId: '53' | '54' | '55' | '56'
  readonly team: '5017691' | '5017692' | '5017693' | '5017694'
  readonly title: string
  /** The opening of the customer, or of the teammate in a ticket that customers do not see. */
  readonly description: string
  /** Replies of agent and customer in turn. The agent replies first. */
  readonly replies: readonly string[]
  readonly note: string
  readonly tagIds: readonly string[]
}

export const topics: readonly Topic[] = [
  {
    ...{ region: 'sg', language: 'en', country: 'Singapore', typeId: '53', team: '5017691', tagIds: ['124'] },
    title: 'Where is order {order}?',
    description: 'It was promised {minutes} minutes ago and the map has not moved since. My kids are hungry.',
    replies: [
      'I am sorry for the wait. The rider had a flat tyre, and a second one is on the way with your {item}.',
      'OK, but please call before he comes up. The baby sleeps.',
      'I have told him. Your delivery fee is back in the wallet.',
    ],
    note: 'Second rider assigned by hand. Zone East was short of three riders tonight.',
  },
  {
    ...{ region: 'my', language: 'ms', country: 'Malaysia', typeId: '53', team: '5017691', tagIds: [] },
    title: 'Pesanan {order} salah',
    description: 'Saya pesan {item} tetapi dapat makanan orang lain. Nama pada beg pun bukan nama saya.',
    replies: [
      'Maaf, beg tertukar di restoran. Boleh hantar gambar label pada beg?',
      'Ini gambarnya.',
      'Terima kasih. Kami hantar pesanan yang betul sekarang, tanpa bayaran.',
    ],
    note: 'Bags swapped at {shop}. Third time this month, see the follow-up of Partner Success.',
  },
  {
    ...{ region: 'th', language: 'th', country: 'Thailand', typeId: '53', team: '5017691', tagIds: ['123'] },
    title: 'แพ้ถั่ว แต่ในอาหารมีถั่ว ออเดอร์ {order}',
    description: 'เขียนไว้ชัดเจนว่าไม่ใส่ถั่ว แต่ {item} มีถั่วเต็มเลยค่ะ ใครรับผิดชอบเรื่องนี้คะ',
    replies: [
      'ขอโทษจริง ๆ ค่ะ ตอนนี้อาการเป็นอย่างไรบ้างคะ ต้องการให้เรียกรถพยาบาลไหมคะ',
      'ไม่เป็นไรค่ะ กินไปนิดเดียว แต่อยากให้ร้านรู้',
      'เราหยุดรับออเดอร์ของร้านไว้ก่อน และจะตรวจสอบทันทีค่ะ',
    ],
    note: 'Allergy case. Do not offer a voucher before Food Safety has called.',
  },
  {
    ...{ region: 'ph', language: 'en', country: 'Philippines', typeId: '54', team: '5017692', tagIds: ['122'] },
    title: 'Charged twice for {order}',
    description: 'Hello po, my card shows two charges for one order. Please return one of them before payday.',
    replies: [
      'Thank you for telling us. Which bank is the card from? I can see one charge only.',
      'BPI po. I can send the screenshot.',
      'Found it: the second one is a hold that the bank releases in three days. I am writing to them now.',
    ],
    note: 'Authorisation without capture. No refund to make, the bank has to void it.',
  },
  {
    ...{ region: 'latam', language: 'es', country: 'Colombia', typeId: '54', team: '5017692', tagIds: ['122', '121'] },
    title: 'No me han devuelto el dinero del pedido {order}',
    description: 'Cancelé a los dos minutos y ya va una semana. ¿Cuándo me lo devuelven?',
    replies: [
      'Hola, ya revisé: la devolución salió el mismo día. ¿Me confirma los últimos cuatro números de la tarjeta?',
      '4471. En el banco no ven nada.',
      'Gracias. Le envío el comprobante para que lo muestre en el banco.',
    ],
    note: 'ARN sent to the customer. If the bank denies it again, pay to the wallet.',
  },
  {
    ...{ region: 'europe', language: 'de', country: 'Germany', typeId: '54', team: '5017692', tagIds: [] },
    title: 'Gutschein bei Bestellung {order} nicht abgezogen',
    description: 'Der Gutschein wurde angenommen, aber auf der Rechnung steht der volle Preis. Bitte um Korrektur.',
    replies: [
      'Danke für den Hinweis! Der Gutschein galt ab 25 Euro, Ihre Bestellung lag knapp darunter. Ich erstatte ihn trotzdem.',
      'Das ging schnell, vielen Dank.',
    ],
    note: 'Kulanz, einmalig. Mindestbestellwert steht in der App zu klein.',
  },
  {
    ...{ region: 'tw', language: 'zh-TW', country: 'Taiwan', typeId: '53', team: '5017691', tagIds: ['124'] },
    title: '訂單 {order} 已經遲了 {minutes} 分鐘',
    description: '地圖上外送員一直停在同一個路口，{item} 應該都涼了。',
    replies: ['非常抱歉，外送員的手機沒電了，他五分鐘內會到。', '收到了，飲料灑了一半。', '我們已退還飲料的費用。'],
    note: '外送員手機沒電，已提醒站點準備行動電源。',
  },
  {
    ...{ region: 'iberia', language: 'pt', country: 'Portugal', typeId: '53', team: '5017691', tagIds: [] },
    title: 'Falta um prato no pedido {order}',
    description: 'Paguei {item} e não veio. O estafeta diz que o saco já estava fechado.',
    replies: [
      'Lamento muito. Prefere o reembolso ou que enviemos o prato agora?',
      'O reembolso, por favor.',
      'Feito. Deve aparecer no cartão dentro de três dias.',
    ],
    note: 'Restaurante confirma que o prato ficou no balcão.',
  },
  {
    ...{ region: 'sg', language: 'en', country: 'Singapore', typeId: '55', team: '5017693', tagIds: [] },
    title: '{shop}: bags swapped again',
    description: 'Three customers got the bag of another order within a week. Please visit the shop and look at the shelf.',
    replies: [],
    note: 'Visited. They pack two orders on one tray. They will print the name on the bag from Monday.',
  },
  {
    ...{ region: 'europe', language: 'en', country: 'Hungary', typeId: '55', team: '5017693', tagIds: ['123'] },
    title: '{shop}: allergen sheet is missing',
    description: 'Food Safety asks for the sheet of the new menu before Friday.',
    replies: [],
    note: 'Owner sent a photo of it, not readable. Asked for the file.',
  },
  {
    ...{ region: 'sg', language: 'en', country: 'Singapore', typeId: '56', team: '5017694', tagIds: ['125'] },
    title: "Vouchers are rejected since last night's release",
    description: 'Vouchers with a minimum are refused in the app on Android. The web is not affected.',
    replies: [],
    note: 'Rolled back for one in ten. Error rate falls, full rollback tonight.',
  },
  {
    ...{ region: 'sg', language: 'en', country: 'Singapore', typeId: '56', team: '5017694', tagIds: [] },
    title: 'Payments of one bank are charged twice',
    description: 'Captures are repeated when the bank answers after 30 seconds. Link the tickets of customers here.',
    replies: [],
    note: 'Bank confirms slow answers. The retry is switched off, refunds run tonight.',
  },
]

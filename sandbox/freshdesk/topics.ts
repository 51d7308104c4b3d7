import type { Region } from '../people.ts'

/** What members, guests and companies write about. `{order}`, `{amount}` and `{guests}` are placeholders. */
export interface Topic {
  readonly region: Region
  readonly language: string
  /** The country and a city of the field `cf_country`. */
  readonly place: readonly [country: string, city: string]
  readonly group: string
  readonly type: string | null
  readonly cause: string
  readonly subject: string
  readonly opening: string
  /** Replies of agent and customer in turn. The agent replies first. */
  readonly replies: readonly string[]
  /** What the agents write to each other. */
  readonly note: string
  readonly tags: readonly string[]
  readonly priority: 1 | 2 | 3 | 4
  /** Written by a company, with a date and a number of guests. */
  readonly isCompany?: boolean
}

export const topics: readonly Topic[] = [
  {
    ...{ region: 'sg', language: 'en', place: ['Singapore', 'Singapore'], group: 'Billing', type: 'Refund', cause: 'Our app' },
    subject: 'Charged for membership after I cancelled',
    opening:
      'Hi,\n\nI cancelled my membership last week and was charged {amount} again today. Order {order} was my last one. Please refund.',
    replies: [
      'Hello, thank you for writing. I can see the cancellation. The renewal ran one hour before it. I have sent it for a refund.',
      'Thanks. How long does it take?',
      'Three to five working days, to the same card. You will get a confirmation by mail.',
    ],
    note: 'Renewal job and cancellation overlapped. Second case this week, added to the incident.',
    ...{ tags: ['membership', 'refund'], priority: 2 },
  },
  {
    ...{
      region: 'my',
      language: 'ms',
      place: ['Malaysia', 'Kuala Lumpur'],
      group: 'Gift Shop',
      type: 'Incident',
      cause: 'Our app',
    },
    subject: 'Kad hadiah tidak boleh digunakan',
    opening: 'Hai, saya dapat kad hadiah bernilai {amount} tetapi kod ditolak semasa pesanan {order}. Boleh tolong semak?',
    replies: [
      'Terima kasih kerana menghubungi kami. Boleh hantar empat digit terakhir kod itu?',
      '4471. Ia tertulis sah sehingga Disember.',
      'Kod sudah diaktifkan semula. Sila cuba sekali lagi.',
    ],
    note: 'Card was activated in the wrong currency. Fixed by the shop team.',
    ...{ tags: ['gift_card'], priority: 2 },
  },
  {
    ...{
      region: 'tw',
      language: 'zh-TW',
      place: ['Taiwan', 'Taipei'],
      group: 'Member Care',
      type: 'Question',
      cause: 'Customer error',
    },
    subject: '點數沒有入帳（訂單 {order}）',
    opening: '您好：\n\n訂單 {order} 已經完成兩天，但會員點數還沒有入帳。應該有 {guests} 點。麻煩協助確認，謝謝。',
    replies: ['您好，點數會在訂單完成後三天內入帳，請您再稍候。', '已經第四天了，還是沒有。', '非常抱歉，已為您手動補上點數。'],
    note: 'Points job skipped orders with two payments.',
    ...{ tags: ['points'], priority: 1 },
  },
  {
    ...{ region: 'th', language: 'th', place: ['Thailand', 'Bangkok'], group: 'Member Care', type: 'Incident', cause: 'Our app' },
    subject: 'เข้าสู่ระบบไม่ได้หลังเปลี่ยนเบอร์โทร',
    opening: 'สวัสดีค่ะ เปลี่ยนเบอร์โทรศัพท์แล้วเข้าแอปไม่ได้ รหัสไม่ส่งมา มีออเดอร์ {order} ค้างอยู่ด้วยค่ะ',
    replies: ['สวัสดีค่ะ ขอทราบเบอร์เดิมสี่ตัวท้ายเพื่อยืนยันตัวตนนะคะ', '5518 ค่ะ', 'เปลี่ยนเบอร์ให้เรียบร้อยแล้วค่ะ ลองเข้าอีกครั้งได้เลยนะคะ'],
    note: 'Identity checked by old number and last order.',
    ...{ tags: ['account', 'login'], priority: 3 },
  },
  {
    ...{
      region: 'europe',
      language: 'de',
      place: ['Germany', 'Berlin'],
      group: 'Office Catering',
      type: 'Question',
      cause: 'Kitchen',
    },
    subject: 'Catering für {guests} Personen am Donnerstag',
    opening:
      'Guten Tag,\n\nwir möchten für {guests} Personen bestellen, davon vier vegan und eine mit Nussallergie. Bitte ein Angebot bis morgen Mittag.',
    replies: [
      'Guten Tag, vielen Dank für die Anfrage. Das Angebot liegt bei. Bitte bestätigen Sie die Lieferadresse.',
      'Adresse stimmt. Kann die Lieferung auf 11:30 Uhr verschoben werden?',
      'Ja, 11:30 Uhr ist eingetragen. Die Küche bestätigt die nussfreie Zubereitung.',
    ],
    note: 'Allergie mit der Küche am Telefon bestätigt, Ansprechpartnerin Frau Wolff.',
    ...{ tags: ['catering', 'allergy'], priority: 3, isCompany: true },
  },
  {
    ...{
      region: 'europe',
      language: 'pl',
      place: ['Poland', 'Kraków'],
      group: 'Billing',
      type: 'Problem',
      cause: 'Payment provider',
    },
    subject: 'Płatność BLIK pobrana dwa razy, zamówienie {order}',
    opening: 'Dzień dobry, za zamówienie {order} pobrano mi {amount} dwa razy. Proszę o zwrot jednej płatności.',
    replies: [
      'Dzień dobry, widzimy obie transakcje. Jedna nie została rozliczona i wróci automatycznie do jutra.',
      'Nadal nic nie wróciło.',
      'Zleciliśmy zwrot ręcznie. Potwierdzenie wysłaliśmy na Pana adres.',
    ],
    note: 'Provider confirms: reversal was stuck in their queue.',
    ...{ tags: ['payment', 'double_charge'], priority: 3 },
  },
  {
    ...{ region: 'iberia', language: 'es', place: ['Spain', 'Valencia'], group: 'Gift Shop', type: 'Incident', cause: 'Courier' },
    subject: 'El pedido de regalo {order} llegó roto',
    opening:
      'Hola: la caja de regalo del pedido {order} llegó rota y era para un cumpleaños. Adjunto una foto. ¿Pueden enviar otra?',
    replies: [
      'Hola, lo sentimos mucho. Enviamos otra caja hoy mismo, sin coste.',
      'Gracias. ¿Llegará antes del sábado?',
      'Sí, la entrega está prevista para el viernes por la mañana.',
    ],
    note: 'Tercera caja rota con el mismo transportista esta semana.',
    ...{ tags: ['gift', 'damaged'], priority: 2 },
  },
  {
    ...{
      region: 'latam',
      language: 'es-LA',
      place: ['Colombia', 'Bogotá'],
      group: 'Member Care',
      type: 'Feature Request',
      cause: 'Our app',
    },
    subject: 'No puedo pausar la membresía',
    opening:
      'Buenas tardes, viajo por dos meses y quisiera pausar la membresía en vez de cancelarla. La aplicación no lo permite.',
    replies: [
      'Buenas tardes, por ahora no existe la pausa. Podemos guardar sus beneficios y cancelar sin costo.',
      'Bueno, háganlo así, gracias.',
    ],
    note: 'Pause is the most wanted feature of the month. Product has the list.',
    ...{ tags: ['membership', 'wish'], priority: 1 },
  },
  {
    ...{ region: 'latam', language: 'pt-BR', place: ['Brazil', 'São Paulo'], group: 'Billing', type: 'Refund', cause: 'Kitchen' },
    subject: 'Pedido {order} cancelado pelo restaurante e não estornado',
    opening: 'Olá, o restaurante cancelou o pedido {order} de {amount} e o estorno ainda não apareceu na fatura.',
    replies: [
      'Olá, o estorno foi enviado ao banco ontem. Pode levar até duas faturas.',
      'Isso é muito tempo. Podem dar crédito no aplicativo?',
      'Claro, o crédito já está na sua conta e pode ser usado hoje.',
    ],
    note: 'Credit given instead of card refund, second approval by Sofia.',
    ...{ tags: ['refund', 'cancelled'], priority: 2 },
  },
  {
    ...{
      region: 'europe',
      language: 'hu',
      place: ['Hungary', 'Budapest'],
      group: 'Member Care',
      type: 'Question',
      cause: 'Customer error',
    },
    subject: 'Hol látom a számláimat?',
    opening: 'Jó napot! A(z) {order} rendelés számláját keresem, de az alkalmazásban csak a nyugta van. Cégnévre kellene.',
    replies: [
      'Jó napot! Kérem, adja meg a cég nevét és adószámát.',
      'Elküldtem a másik címről.',
      'Köszönjük, a számla a mellékletben van.',
    ],
    note: 'Invoice was sent from billing@; watch the second address.',
    ...{ tags: ['invoice'], priority: 1 },
  },
  {
    ...{
      region: 'ph',
      language: 'en',
      place: ['Singapore', 'Singapore'],
      group: 'Member Care',
      type: 'Incident',
      cause: 'Kitchen',
    },
    subject: 'Someone got sick after the birthday set, order {order}',
    opening:
      'My mother and two guests got sick after the birthday set of order {order}. I need a person to call me, not a template.',
    replies: [
      'I am sorry to read this. Our food safety lead will call you within the hour. Please keep the packaging if you still have it.',
      'She called, thank you. We kept two boxes.',
      'A courier will collect them this evening. The kitchen is paused until the result is there.',
    ],
    note: 'Safety case. No voucher, no apology for the food before the result. Legal is informed.',
    ...{ tags: ['safety', 'escalated'], priority: 4 },
  },
  {
    ...{
      region: 'europe',
      language: 'en',
      place: ['Germany', 'Hamburg'],
      group: 'Office Catering',
      type: null,
      cause: 'Customer error',
    },
    subject: 'Monthly lunch plan: {guests} people from next month',
    opening:
      'Hello team,\n\nour office grows to {guests} people. Please change the lunch plan and the invoice address. Current order is {order}.',
    replies: [
      'Happy to. May I confirm Tuesday and Thursday as the days?',
      'Yes, and every second Friday.',
      'All set. The first invoice goes to the new address.',
    ],
    note: 'Discount tier 2 applies above 40 people. Sales knows.',
    ...{ tags: ['catering', 'plan'], priority: 2, isCompany: true },
  },
  {
    ...{ region: 'europe', language: 'fr', place: ['France', 'Lyon'], group: 'Gift Shop', type: 'Question', cause: 'Our app' },
    subject: 'Carte cadeau envoyée à la mauvaise adresse',
    opening:
      "Bonjour, j'ai acheté une carte cadeau de {amount} et je me suis trompée dans l'adresse du destinataire. Est-il possible de la renvoyer ?",
    replies: [
      'Bonjour, bien sûr. Quelle est la bonne adresse ?',
      'Je vous l’ai envoyée dans le formulaire.',
      'La carte est repartie, et la première est annulée.',
    ],
    note: 'First code was not used. Cancelled at 10:12.',
    ...{ tags: ['gift_card', 'address'], priority: 1 },
  },
]

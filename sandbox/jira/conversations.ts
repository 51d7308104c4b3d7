import type { Region } from '../people.ts'

/** One message of a conversation, in wiki markup. `note`: agents only. */
export interface Turn {
  readonly by: 'customer' | 'agent' | 'note'
  readonly text: string
}

/** What a customer asks, and how it goes on. `{order}`, `{amount}` and `{name}` are placeholders. */
export interface Conversation {
  readonly requestTypeId: string
  readonly region: Region
  readonly country: string
  readonly summary: string
  readonly description: string
  readonly turns: readonly Turn[]
  readonly labels: readonly string[]
}

const customer = (text: string): Turn => ({ by: 'customer', text })
const agent = (text: string): Turn => ({ by: 'agent', text })
const note = (text: string): Turn => ({ by: 'note', text })

export const conversations: readonly Conversation[] = [
  {
    ...{ requestTypeId: '1', region: 'sg', country: 'SG', summary: 'Order {order} never arrived', labels: ['delivery'] },
    description:
      'The app says *delivered* at 19:42, but nothing is at my door. The photo shows another building.\n\nOrder: {order}',
    turns: [
      agent(
        'Hello {name},\n\nI am sorry about this. I have asked the rider for the place of the drop-off and will come back to you *today*.',
      ),
      note('Rider says block 214, customer lives at 241. Third case with this pin this month.'),
      customer('Any update? I have paid for this.'),
      agent('The rider confirmed the wrong block. I have refunded {amount} to your card; banks need 3 to 5 days.'),
      customer('Thank you, that was quick.'),
    ],
  },
  {
    ...{ requestTypeId: '1', region: 'th', country: 'TH', summary: 'อาหารยังไม่มา ออเดอร์ {order}', labels: ['delivery'] },
    description: 'สั่งไปชั่วโมงกว่าแล้วค่ะ แอปบอกอีก 10 นาทีตลอด ออเดอร์ {order}',
    turns: [
      agent('สวัสดีค่ะคุณ {name} ขออภัยในความล่าช้านะคะ กำลังตรวจสอบกับไรเดอร์ให้ค่ะ'),
      customer('ขอยกเลิกได้ไหมคะ ลูกหิวแล้ว'),
      note('ร้านยังไม่เริ่มทำ ยกเลิกได้ไม่มีค่าใช้จ่าย'),
      agent('ยกเลิกให้เรียบร้อยแล้วค่ะ คืนเงิน {amount} เข้าบัตรภายใน 5 วันทำการ'),
    ],
  },
  {
    ...{ requestTypeId: '1', region: 'tw', country: 'TW', summary: '訂單 {order} 送錯地址', labels: ['delivery', 'address'] },
    description: '外送員送到隔壁棟了，打電話沒有人接。\n\n訂單編號：{order}',
    turns: [
      agent('{name} 您好，很抱歉造成不便，已請外送員折返，約 10 分鐘內送達。'),
      customer('收到了，但是湯都灑出來了。'),
      agent('已為您退款 {amount}，謝謝您的告知。'),
    ],
  },
  {
    ...{
      requestTypeId: '1',
      region: 'europe',
      country: 'DE',
      summary: 'Lieferung {order} seit zwei Stunden überfällig',
      labels: ['delivery'],
    },
    description: 'Guten Abend,\n\ndie Bestellung {order} sollte um 18:30 da sein. Auf der Karte bewegt sich der Fahrer nicht.',
    turns: [
      agent('Guten Abend {name},\n\ndas tut mir leid. Der Fahrer hatte eine Panne, ich habe eine neue Lieferung angestoßen.'),
      customer('Danke, aber dann bitte stornieren. Wir haben inzwischen gekocht.'),
      note('Kulanz: voller Betrag, Gutschein 5 EUR. Kunde seit 2021, erste Beschwerde.'),
      agent('Storniert. Die {amount} sind in 3 Tagen wieder auf Ihrem Konto, dazu ein Gutschein über 5 EUR.'),
    ],
  },
  {
    ...{ requestTypeId: '2', region: 'ph', country: 'PH', summary: 'Wrong items in order {order}', labels: ['order-quality'] },
    description:
      'I ordered:\n* 2 chicken rice\n* 1 halo-halo\n\nand received 3 soups. The receipt in the bag has another name on it.',
    turns: [
      agent('Hi {name}, thank you for the list. The kitchen swapped two bags. Would you like a new delivery or your money back?'),
      customer('Money back please. It is too late for dinner now.'),
      agent('Done: {amount} to your wallet. It is there now.'),
    ],
  },
  {
    ...{
      requestTypeId: '2',
      region: 'latam',
      country: 'CO',
      summary: 'Falta un producto en el pedido {order}',
      labels: ['order-quality'],
    },
    description: 'Buenas tardes, pagué dos bandejas y llegó una sola. Pedido {order}. Adjunto la factura.',
    turns: [
      agent('Hola {name}, lamento lo sucedido. ¿Puedes confirmarme si venía en una sola bolsa?'),
      customer('Sí, una sola bolsa y estaba sellada.'),
      note('El restaurante acepta el cargo. Tercera queja de la semana contra la misma cocina.'),
      agent('Listo, devolvimos {amount} a tu tarjeta. Lo verás en *2 a 4 días hábiles*.'),
      customer('Muchas gracias'),
    ],
  },
  {
    ...{
      requestTypeId: '2',
      region: 'my',
      country: 'MY',
      summary: 'Makanan sejuk dan tumpah, pesanan {order}',
      labels: ['order-quality'],
    },
    description: 'Sup tumpah dalam beg dan nasi sudah sejuk. Saya mahu bayaran balik.',
    turns: [
      agent('Salam {name}, maaf atas pengalaman ini. Boleh hantar gambar?'),
      customer('Gambar ada dalam lampiran.'),
      agent('Terima kasih. {amount} telah dipulangkan.'),
    ],
  },
  {
    ...{
      requestTypeId: '2',
      region: 'pk',
      country: 'PK',
      summary: 'آرڈر {order} میں غلط کھانا',
      labels: ['order-quality', 'halal'],
    },
    description: 'ہم نے چکن بریانی منگوائی تھی، کچھ اور آیا ہے۔ براہ کرم چیک کریں۔',
    turns: [
      agent('السلام علیکم {name}، ہم معذرت خواہ ہیں۔ ریسٹورنٹ سے بات ہو گئی ہے۔'),
      note('Halal question: escalate to food safety before answering again.'),
      agent('رقم {amount} واپس کر دی گئی ہے۔'),
    ],
  },
  {
    ...{ requestTypeId: '3', region: 'sg', country: 'SG', summary: 'Code for the login never arrives', labels: ['account'] },
    description: 'Changed my phone number last week. The SMS still goes to the old one, so I am locked out.',
    turns: [
      agent('Hello {name}, for your safety I need the month of your first order and the last four digits of the card.'),
      customer('March 2023, 4411.'),
      note('Verified against the billing record. Number changed, sessions ended.'),
      agent('Thank you. The new number is active; please log in once more.'),
    ],
  },
  {
    ...{
      requestTypeId: '3',
      region: 'europe',
      country: 'DE',
      summary: 'Löschung meiner Daten nach Art. 17 DSGVO',
      labels: ['privacy'],
    },
    description: 'Bitte löschen Sie mein Konto und alle Daten und bestätigen Sie mir das schriftlich.',
    turns: [
      agent(
        'Guten Tag {name},\n\nIhre Anfrage ist eingegangen. Die Löschung dauert bis zu 30 Tage; Sie erhalten eine Bestätigung.',
      ),
      note('Legal: offene Rechnung prüfen, bevor gelöscht wird.'),
    ],
  },
  {
    ...{
      requestTypeId: '3',
      region: 'iberia',
      country: 'ES',
      summary: 'No puedo cambiar mi correo electrónico',
      labels: ['account'],
    },
    description: 'Al guardar sale el error {{E-1042}} y vuelve al correo anterior.',
    turns: [
      agent('Hola {name}, ¿con qué navegador lo intentas?'),
      customer('Firefox, y también en el móvil.'),
      agent('Gracias. Es un fallo nuestro, el equipo técnico ya lo está mirando.'),
    ],
  },
  {
    ...{ requestTypeId: '4', region: 'sg', country: 'SG', summary: 'App closes when I open the map', labels: ['app', 'crash'] },
    description:
      'h3. What I did\n# Open an order\n# Tap on the map\n\nThe app closes. Since version 8.14.\n\n{code:text}\nMapRenderer: null is not an object\n{code}',
    turns: [
      agent('Thank you for the steps, {name}. I can see the same on a test phone and have passed it on to the developers.'),
      note('Reproduced on 8.14.0, not on 8.13.2. Bug linked.'),
      customer('Is there a way around it until then?'),
      agent('Yes: the [web page|https://shop.example/track] shows the same map.'),
    ],
  },
  {
    ...{
      requestTypeId: '4',
      region: 'europe',
      country: 'DE',
      summary: 'Partner portal: export of orders is empty',
      labels: ['partner', 'export'],
    },
    description: 'The CSV of last month has a header and nothing else. We need it for the tax office by the 10th.',
    turns: [
      agent('Hello {name}, is it the same for a shorter range, such as one week?'),
      customer('One week works. Four weeks do not.'),
      note('Timeout at 30 s in the export job. Asked for the limit to be raised for this account.'),
    ],
  },
  {
    ...{ requestTypeId: '5', region: 'sg', country: 'SG', summary: 'Refund for {order}', labels: ['refund'] },
    description: 'Half of the order was missing. I would like {amount} back, please.',
    turns: [
      agent('Hello {name}, I have your request. Could you tell us which items were missing?'),
      customer('The two {{nasi lemak}} and one drink.'),
      note('Kitchen log confirms: two items out of stock, charged anyway.'),
      agent('Approved: {amount} will be on your card within five days.'),
    ],
  },
  {
    ...{
      requestTypeId: '5',
      region: 'latam',
      country: 'CO',
      summary: 'Solicito devolución del pedido {order}',
      labels: ['refund'],
    },
    description: 'El pedido llegó dos horas tarde y frío. Solicito la devolución de {amount}.',
    turns: [
      agent('Hola {name}, lo estamos revisando con el aliado.'),
      customer('¿Cuánto demora?'),
      agent('Aprobado. El banco tarda de 3 a 5 días.'),
    ],
  },
  {
    ...{
      requestTypeId: '5',
      region: 'iberia',
      country: 'ES',
      summary: 'Reembolso a tarjeta en vez de monedero, {order}',
      labels: ['refund', 'wallet'],
    },
    description: 'El reembolso fue al monedero. Lo quiero en la tarjeta.',
    turns: [
      agent('Hola {name}, lo hemos pasado a la tarjeta.'),
      note('Política: solo una vez por cliente.'),
      customer('Perfecto, gracias.'),
    ],
  },
  {
    ...{ requestTypeId: '6', region: 'ph', country: 'PH', summary: 'Charged twice for {order}', labels: ['payment'] },
    description: 'My bank shows two charges of {amount} for the same order.',
    turns: [
      agent('Hello {name}, one of the two is a reservation and falls away by itself. May I have a screenshot of the statement?'),
      customer('Attached. Both are booked, not reserved.'),
      note('Acquirer confirms a double capture. Refund reference R-{order}.'),
      agent('You are right, and I apologise. The second charge has been returned.'),
    ],
  },
  {
    ...{ requestTypeId: '6', region: 'tw', country: 'TW', summary: '{order} 重複扣款', labels: ['payment'] },
    description: '信用卡被扣了兩次 {amount}，請協助退款。',
    turns: [agent('{name} 您好，已向銀行查詢，請稍候。'), customer('請問需要多久？'), agent('款項將於 7 個工作天內退回。')],
  },
  {
    ...{ requestTypeId: '7', region: 'europe', country: 'DE', summary: 'Invoice with VAT number for March', labels: ['invoice'] },
    description: 'Please issue one invoice for all orders of March to our company, with the VAT number DE 000 000 000.',
    turns: [
      agent('Hello {name}, the invoice is attached to this request.'),
      customer('The address is the old one.'),
      agent('Corrected; please use the second file.'),
    ],
  },
  {
    ...{ requestTypeId: '7', region: 'sg', country: 'SG', summary: 'Monthly statement does not add up', labels: ['invoice'] },
    description: 'The statement has {amount} more than the sum of the orders, see {order}.',
    turns: [
      agent('Thank you {name}, I have asked accounting to check the statement.'),
      note('Commission of a cancelled order was not reversed.'),
    ],
  },
]

/** What developers write about, for the software project. */
export const bugs: readonly { readonly summary: string; readonly description: string }[] = [
  {
    summary: 'Map renderer crashes with an empty route',
    description: '{{MapRenderer}} reads the first point of a route without points.',
  },
  { summary: 'Order export times out above 20,000 rows', description: 'The job loads all rows before it writes the first one.' },
  { summary: 'Profile form loses a changed e-mail address', description: 'The form posts the value of the last save.' },
  {
    summary: 'Payment captured twice after a retry',
    description: 'The retry does not send the idempotency key of the first call.',
  },
  {
    summary: 'Pin is placed at the centre of the postal code',
    description: 'Geocoder falls back without a warning when the house number is missing.',
  },
]

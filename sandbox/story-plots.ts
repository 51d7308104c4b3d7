import type { Region } from './people.ts'
import type { Plot, Reason, Said, Side, StorySystem, StoryTicket } from './story.ts'

const c = (text: string): Said => ['customer', text]
const a = (text: string): Said => ['agent', text]
const n = (text: string): Said => ['note', text]
const side = (system: StorySystem, kind: StoryTicket['kind'], title: string, ...messages: readonly Said[]): Side => ({
  ...{ system, kind, title, messages },
})
const plot = (region: Region, country: string, language: string, reason: Reason, ...sides: readonly Side[]): Plot => ({
  ...{ region, country, language, reason, sides },
})

/** Agents of one company write to its customers in their language, and to each other in English. */
export const plots: readonly Plot[] = [
  plot(
    ...(['sg', 'SG', 'en', 'address'] as const),
    side(
      ...(['zendesk', 'complaint', 'Order {order} went to the wrong block'] as const),
      c('Hi,\n\nthe app says order {order} was delivered, but nothing is at my door. The photo shows block 214, I live at 241.'),
      a('Hello {name}, I am sorry. I have asked dispatch to send the rider back and will write again in ten minutes.'),
      n('Third wrong pin in this street this week. Handed to dispatch as OneView {oneview}, and to the map team as {jira}.'),
      c('It has been {minutes} minutes now. The {item} will be cold anyway, I would rather have my money back.'),
      a('Of course. {amount} SGD are on the way to your card, and the pin of your building is being corrected.'),
    ),
    side(
      ...(['oneview', 'escalation', 'delivery - wrong address'] as const),
      c('The rider is at block 214 but I live at 241. Order {order}. Support said that you would send him back?'),
      n('From Zendesk {zendesk}. Rider has left the area, refund instead of a second delivery.'),
    ),
    side(
      ...(['jira', 'bug', 'Pin is placed at the centre of the postal code'] as const),
      n(
        'The geocoder falls back without a warning when the house number is missing. Seen with order {order}, Zendesk {zendesk}.',
      ),
    ),
  ),
  plot(
    ...(['tw', 'TW', 'zh-TW', 'double-charge'] as const),
    side(
      ...(['zendesk', 'complaint', '訂單 {order} 被重複扣款'] as const),
      c('您好，訂單 {order} 我的信用卡被扣了兩次，每次 {amount} 元，請協助退款，謝謝。'),
      a('{name} 您好，很抱歉造成困擾。請問兩筆扣款相差多久？'),
      c('相差 {minutes} 秒，金額一樣，店家是{shop}。'),
      n('Two captures, one authorisation. Refund needs second line: OneView {oneview}. Payments has the trace in {jira}.'),
      a('已為您退回其中一筆 {amount} 元，約三個工作天入帳。'),
    ),
    side(
      ...(['oneview', 'escalation', 'payment - charged twice'] as const),
      c('信用卡被扣了兩次，訂單 {order}，客服說會轉給專人處理。'),
      n('Above the limit of first line. See Zendesk {zendesk}.'),
    ),
    side(
      ...(['jira', 'bug', 'Payment captured twice after a retry'] as const),
      n(
        'The retry does not send the idempotency key of the first call. Customer of Zendesk {zendesk} was charged twice for {order}.',
      ),
      a('The gateway times out at 8 s and we retry at 5 s. Fix is in review.'),
    ),
  ),
  plot(
    ...(['ph', 'PH', 'en', 'voucher'] as const),
    side(
      ...(['intercom', 'complaint', 'Voucher not applied to {order}'] as const),
      c('Hello po, the voucher says 20% off but I was charged the full price for {order}. Screenshot attached.'),
      a('Hi {name}! Thank you for the screenshot. The voucher needs two items, and this order has one.'),
      c('That was not written anywhere po. I only ordered {item} because of it.'),
      n(
        'They are right: the terms are missing since the last release. Ticket for the app team: {jira}. Refund by Zendesk {zendesk}.',
      ),
      a('You are right, and I apologise. We honour the voucher: the difference is in your wallet in an hour.'),
    ),
    side(
      ...(['zendesk', 'escalation', 'Refund the difference of a voucher, order {order}'] as const),
      c('Voucher of 20% was not applied to {order}, {amount} PHP. The chat agent promised the difference.'),
      a('Hello {name}, the difference has been added to your wallet. Sorry for the trouble.'),
    ),
    side(
      ...(['jira', 'bug', 'Voucher terms are not shown at the checkout'] as const),
      n('Since 8.14 the terms of a voucher are cut off on small screens. Intercom {intercom} and nine others this week.'),
    ),
  ),
  plot(
    ...(['europe', 'DE', 'de', 'late'] as const),
    side(
      ...(['freshdesk', 'complaint', 'Lieferung {order} seit {minutes} Minuten überfällig'] as const),
      c('Guten Abend,\n\ndie Bestellung {order} sollte um 18:30 da sein. Auf der Karte bewegt sich der Fahrer nicht.'),
      a('Guten Abend {name},\n\ndas tut mir leid. Ich frage bei {shop} nach und melde mich gleich.'),
      n('Restaurant says the rider never came. Refund over 20 EUR: Zendesk {zendesk}.'),
      c('Danke, aber dann bitte stornieren. Wir haben inzwischen gekocht.'),
      a('Storniert. Die {amount} EUR sind in drei Tagen wieder auf Ihrem Konto.'),
    ),
    side(
      ...(['zendesk', 'escalation', 'Erstattung für {order}, Fahrer nicht erschienen'] as const),
      c('Meine Bestellung {order} kam nie an, ich habe storniert und möchte die {amount} EUR zurück.'),
      n('From Freshdesk {freshdesk}. Approved.'),
      a('Guten Abend {name}, die Erstattung ist veranlasst.'),
    ),
  ),
  plot(
    ...(['pk', 'PK', 'en', 'allergy'] as const),
    side(
      ...(['zendesk', 'complaint', 'Allergic reaction after order {order}'] as const),
      c('I wrote "no nuts" in the comments of order {order} and the {item} had peanuts. My son is with a doctor.'),
      a('{name}, I am very sorry. Our food safety team has this now, and a manager calls you within the hour.'),
      n('Safety case: OneView {oneview}. {shop} asked in Freshdesk {freshdesk}. Do not offer a voucher.'),
      c('There was no call yet. I want to know who checks this.'),
      a('The manager has reached the number that you gave. {shop} is paused until it is inspected.'),
    ),
    side(
      ...(['oneview', 'escalation', 'order - food quality'] as const),
      c('My son had an allergic reaction. Order {order} said no nuts. Who is responsible?'),
      n('Food safety. Zendesk {zendesk} has the whole talk, the restaurant answers in Freshdesk {freshdesk}.'),
    ),
    side(
      ...(['freshdesk', 'partner', 'Food safety: statement on order {order}'] as const),
      a('Dear {shop},\n\na guest had an allergic reaction after order {order}. Please send us the kitchen log of this hour.'),
      c('Salam, the chef did not see the comment, the printer cuts it after 20 letters. We send the log today.'),
      n('Same printer as two other kitchens. Told Zendesk {zendesk}.'),
    ),
  ),
  plot(
    ...(['my', 'MY', 'ms', 'missing'] as const),
    side(
      ...(['zendesk', 'complaint', 'Pesanan {order} tidak lengkap'] as const),
      c('Selamat petang, {item} tiada dalam pesanan {order}. Saya sudah bayar penuh, {amount} ringgit. Boleh bayar balik?'),
      a('Salam {name}, maaf atas kesulitan ini. Boleh hantar gambar makanan yang diterima?'),
      c('Ini gambarnya. Plastik masih bermeterai.'),
      n('{shop} confirms: out of stock and not marked so. Refund above limit: OneView {oneview}.'),
      a('Terima kasih. Bayaran balik akan masuk dalam 3 hari bekerja.'),
    ),
    side(
      ...(['oneview', 'escalation', 'order - missing item'] as const),
      c('{item} tiada dalam beg. Pesanan {order}. Bila bayaran balik?'),
      n('From Zendesk {zendesk}. Full refund approved.'),
    ),
  ),
  plot(
    ...(['iberia', 'ES', 'es', 'missing'] as const),
    side(
      ...(['rbi', 'complaint', 'missing-item'] as const),
      c('Faltaban las patatas grandes y una salsa del pedido {order}. La bolsa venía cerrada.'),
    ),
    side(
      ...(['freshdesk', 'partner', 'Producto sin entregar en {shop}, pedido {order}'] as const),
      a('Hola, equipo de {shop}:\n\nun cliente recibió el pedido {order} sin las patatas. ¿Podéis revisarlo?'),
      c('Revisado: la freidora estaba parada y nadie avisó. Aceptamos el cargo de {amount} EUR.'),
      n('Guest ticket {rbi}. Charge accepted by the restaurant.'),
    ),
    side(
      ...(['zendesk', 'complaint', 'Reembolso del pedido {order}'] as const),
      c('Hola: ayer escribí en la app por el pedido {order}. ¿Cuándo me devuelven el dinero?'),
      a('Hola {name}, el restaurante ha aceptado el cargo. El reembolso tarda de 3 a 5 días.'),
    ),
  ),
  plot(
    ...(['th', 'TH', 'th', 'late'] as const),
    side(
      ...(['oneview', 'complaint', 'delivery - late order'] as const),
      c('อาหารยังไม่มาเลยค่ะ รอมา {minutes} นาทีแล้ว ออเดอร์ {order}'),
      n('Chat closed before the answer; the customer wrote again: Zendesk {zendesk}.'),
    ),
    side(
      ...(['zendesk', 'complaint', 'ออเดอร์ {order} ยังไม่มา'] as const),
      c('สวัสดีค่ะ คุยในแชทแล้วไม่มีคนตอบ ออเดอร์ {order} จาก {shop} รอมา {minutes} นาทีแล้วค่ะ'),
      a('ขออภัยค่ะคุณ {name} ไรเดอร์รถเสีย กำลังส่งคนใหม่ไปนะคะ'),
      c('ได้รับแล้วค่ะ แต่ {item} เย็นหมดแล้ว'),
      a('คืนค่าส่งให้เรียบร้อยแล้วค่ะ ขอบคุณที่แจ้งนะคะ'),
    ),
  ),
  plot(
    ...(['latam', 'CO', 'es', 'identity-check'] as const),
    side(
      ...(['verifik', 'complaint', 'Document OCR rejects valid Colombian ids since Monday'] as const),
      c('Since Monday the document OCR rejects about one in ten valid ids of our new riders. Our internal ticket is {jira}.'),
      a('Thank you for the report. Could you send two request ids of rejected documents?'),
      c('req_88{minutes}1 and req_88{minutes}7. Both are the new card with the QR code.'),
      a('The model did not know the new card. A corrected one is live since an hour.'),
    ),
    side(
      ...(['jira', 'bug', 'Riders cannot finish the identity check'] as const),
      n('Onboarding in Bogotá stops at the document step. Raised with the provider as Verifik {verifik}.'),
      a('A manual check is switched on until the provider answers.'),
    ),
    side(
      ...(['intercom', 'complaint', 'No puedo registrarme como repartidor'] as const),
      c('Hola, llevo tres días intentando subir mi cédula y la rechaza siempre.'),
      a('Hola {name}, es un fallo del proveedor y ya lo están corrigiendo. Te avisamos hoy mismo.'),
      n('Known: {jira}.'),
    ),
  ),
  plot(
    ...(['europe', 'FR', 'fr', 'damaged'] as const),
    side(
      ...(['zendesk', 'complaint', 'Colis {order} arrivé ouvert'] as const),
      c('Bonjour,\n\nle colis de la commande {order} est arrivé ouvert et mouillé. Je joins deux photos.'),
      a('Bonjour {name}, je suis désolée. Souhaitez-vous un nouvel envoi ou un remboursement ?'),
      n('Boxes are handled in Wasabi: {wasabi}. Third wet box of this courier.'),
      c('Un remboursement, s’il vous plaît.'),
      a('C’est fait : {amount} EUR, sous cinq jours.'),
    ),
    side(...(['wasabi', 'escalation', 'DAMAGED_DELIVERY'] as const), n('Wet box, Zendesk {zendesk}.'), a('Refunded.')),
  ),
  plot(
    ...(['europe', 'HU', 'hu', 'refund'] as const),
    side(
      ...(['vcc', 'complaint', 'Refund of {order} has not arrived'] as const),
      n(
        'Caller says that {amount} EUR of order {order} are missing for ten days. Identity checked. Follow-up in Zendesk {zendesk}.',
      ),
    ),
    side(
      ...(['zendesk', 'complaint', 'Nem érkezett meg a visszatérítés, {order}'] as const),
      c('Jó napot! Tíz napja lemondtam a(z) {order} rendelést, és a pénz még nincs a számlámon.'),
      a('Jó napot, {name}! Megkértük a bankot az igazolásra, és ma válaszolunk.'),
      n('Called as well: VCC {vcc}. Bank shows the refund as sent on the second day.'),
      c('Köszönöm, megérkezett.'),
    ),
  ),
  plot(
    ...(['sg', 'SG', 'en', 'app-fault'] as const),
    side(
      ...(['intercom', 'complaint', 'App closes when I open the map'] as const),
      c('Since the update the app closes each time I open the map. I could not see where order {order} was.'),
      a('Hi {name}, thank you. Which phone do you use, and which version of the app?'),
      c('Pixel 7, 8.14.0.'),
      n('Reproduced on a test phone. {jira}.'),
      a('Our developers have found it. Until the update, shop.example/track shows the same map.'),
    ),
    side(
      ...(['jira', 'bug', 'Map renderer crashes with an empty route'] as const),
      n('MapRenderer reads the first point of a route without points. Reported in Intercom {intercom} and Zendesk {zendesk}.'),
      a('Fixed in 8.14.1, in the stores from tomorrow.'),
    ),
    side(
      ...(['zendesk', 'complaint', 'Could not follow order {order} on the map'] as const),
      c('Hello, the app crashed and the rider called me four times because I did not see him. I had chatted with you already.'),
      a('Sorry about this, {name}. The developers are on it, and I have returned the delivery fee.'),
    ),
  ),
  plot(
    ...(['europe', 'DE', 'de', 'invoice'] as const),
    side(
      ...(['zendesk', 'complaint', 'Rechnung zu Bestellung {order} fehlt'] as const),
      c('Guten Tag,\n\nfür die Bestellung {order} bei {shop} brauche ich eine Rechnung mit ausgewiesener Mehrwertsteuer.'),
      a('Guten Tag {name}, gerne. Die Rechnung stellt das Restaurant aus, ich frage dort nach.'),
      n('Asked {shop} in Freshdesk {freshdesk}.'),
    ),
    side(
      ...(['freshdesk', 'partner', 'Rechnung über {amount} EUR, Bestellung {order}'] as const),
      a('Liebes Team von {shop},\n\nein Gast braucht eine Rechnung zu {order}. Könnt ihr sie uns heute schicken?'),
      c('Hier ist sie. Die Kasse druckt seit dem Update keine Steuernummer mehr.'),
    ),
  ),
  plot(
    ...(['latam', 'BR', 'pt-BR', 'privacy'] as const),
    side(
      ...(['intercom', 'complaint', 'Quero apagar meus dados'] as const),
      c('Olá, quero que apaguem minha conta e todos os meus dados, conforme a LGPD. Meu último pedido foi {order}.'),
      a('Olá {name}, para confirmar que é você, responda a partir do e-mail da conta.'),
      c('Estou respondendo dele.'),
      n('Legal works on it in {jira}.'),
      a('Obrigada. A conta será apagada em até 15 dias, e você recebe uma confirmação.'),
    ),
    side(
      ...(['jira', 'complaint', 'Delete an account, LGPD'] as const),
      c('Conta e dados devem ser apagados. Último pedido: {order}.'),
      n('Identity checked in Intercom {intercom}. Open invoice: none.'),
      a('{name}, a exclusão começou.'),
    ),
  ),
  plot(
    ...(['pk', 'PK', 'ur', 'wrong-item'] as const),
    side(
      ...(['intercom', 'complaint', 'آرڈر {order} میں غلط کھانا'] as const),
      c('السلام علیکم، میں نے {item} منگوائی تھی، کچھ اور آیا ہے۔ براہ کرم چیک کریں۔'),
      a('وعلیکم السلام {name}، ہم معذرت خواہ ہیں۔ ریسٹورنٹ سے بات ہو رہی ہے۔'),
      n('Halal question: food safety first, OneView {oneview}.'),
      a('رقم {amount} واپس کر دی گئی ہے۔'),
    ),
    side(
      ...(['oneview', 'escalation', 'order - wrong item'] as const),
      c('آرڈر {order} میں غلط کھانا آیا ہے، کیا یہ حلال ہے؟'),
      n('From Intercom {intercom}. The kitchen confirms that it is halal.'),
    ),
  ),
  plot(
    ...(['sg', 'SG', 'en', 'menu'] as const),
    side(
      ...(['freshdesk', 'partner', 'Lunch set is missing in the app'] as const),
      c('Dear team,\n\nthe lunch set of {shop} is gone since Monday, and guests call us. Please put it back.'),
      a('Hello, the menu import dropped it. Our developers have the case, {jira}.'),
    ),
    side(
      ...(['jira', 'bug', 'Menu import drops items with two prices'] as const),
      n('Lunch sets have a price by size, and the import keeps neither. Partner ticket: Freshdesk {freshdesk}.'),
      a('Items with two prices are imported again tonight.'),
    ),
  ),
]

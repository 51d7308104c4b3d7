/** A ticket of a Verifik client. `{api}` and `{n}` are placeholders. */
export interface TicketTemplate {
  readonly category: string
  readonly title: string
  readonly description: string
  readonly tags: readonly string[]
  /** Replies of agent and client in turn. The agent replies first. */
  readonly replies: readonly string[]
  readonly resolution: string
}

/** Values of `{api}`. */
export const apis = [
  'SmartCheck',
  'biometric validation',
  'document OCR',
  'face liveness',
  'vehicle history',
  'criminal records',
  'SmartEnroll',
  'email validation',
]

/** The templates, in English, Spanish and Portuguese. */
export const ticketTemplates: readonly TicketTemplate[] = [
  {
    category: 'technical',
    title: '{api} API returns 401 after key rotation',
    description:
      'We rotated our key at 06:{n} and since then every call to the {api} endpoint answers 401. The old key is already deleted, so we cannot go back.',
    tags: ['api', 'authentication'],
    replies: [
      'Thanks for the report. Could you send the last four characters of the new key and one request id?',
      'The key ends in 9f3c, request id req_8842{n}.',
      'The key was created in the staging project. I have moved it to production, please try again.',
    ],
    resolution: 'The key belonged to the staging project. Moved to production.',
  },
  {
    category: 'technical',
    title: 'Tiempo de espera agotado en {api}',
    description:
      'Desde esta mañana el {n} % de nuestras consultas a {api} terminan por timeout después de 30 segundos. En el panel todo aparece en verde.',
    tags: ['latencia', 'api'],
    replies: [
      'Buenos días. ¿Nos puede indicar la región y un ejemplo con hora exacta?',
      'Bogotá, 09:{n}, documento CC. Adjunto el log.',
      'Detectamos lentitud en la fuente oficial. Ya activamos la ruta alterna.',
    ],
    resolution: 'La fuente oficial estuvo lenta entre las 08:10 y las 11:40. Se activó la ruta alterna.',
  },
  {
    category: 'technical',
    title: 'Webhook signature does not match',
    description:
      'We compute the HMAC over the body as you document it, but {n} of the last 100 callbacks for {api} do not match. Bodies with accents fail every time.',
    tags: ['webhook', 'signature', 'utf-8'],
    replies: [
      'Are you hashing the raw bytes or the parsed and re-serialised JSON?',
      'Ah. We re-serialise it, that escapes the accents. Let me check with the raw body.',
      'Glad it works. I will ask for a note in the documentation.',
    ],
    resolution: 'The client hashed re-serialised JSON instead of the raw bytes.',
  },
  {
    category: 'technical',
    title: 'OCR lê a data de nascimento invertida na CNH',
    description:
      'Em carteiras emitidas depois de 2022 o {api} devolve dia e mês trocados. Aconteceu em {n} de 40 documentos hoje. Exemplos em anexo.',
    tags: ['ocr', 'brasil'],
    replies: [
      'Obrigado pelos exemplos. Conseguimos reproduzir com o modelo novo do documento.',
      'Há previsão de correção? Estamos revisando à mão.',
      'A correção entrou em produção. Pode reprocessar os documentos.',
    ],
    resolution: 'Modelo de leitura atualizado para a CNH de 2022.',
  },
  {
    category: 'billing',
    title: 'Invoice shows {n} more calls than our own count',
    description:
      'Our logs show fewer calls to {api} than the invoice of last month. The difference of {n} is exactly one batch of ours. Please send the daily breakdown.',
    tags: ['invoice', 'usage'],
    replies: [
      'I have attached the daily breakdown. Retries after a 5xx are counted, could that be it?',
      'Yes, our client retries three times. But why do we pay for your 5xx?',
      'You should not. I have credited the failed calls of that month.',
    ],
    resolution: 'Failed calls credited on the next invoice.',
  },
  {
    category: 'billing',
    title: 'Factura sin retención en la fuente',
    description:
      'La factura FV-{n}21 no incluye la retención del 4 %. Contabilidad no la puede registrar así, necesitamos una nota crédito y una factura nueva.',
    tags: ['factura', 'impuestos'],
    replies: [
      'Claro que sí. ¿Nos confirma el NIT y el régimen?',
      'NIT 900.{n}1.553-2, régimen común.',
      'Nota crédito y factura nueva enviadas al correo de facturación.',
    ],
    resolution: 'Se emitieron nota crédito y factura corregida.',
  },
  {
    category: 'account',
    title: 'Please add two colleagues as administrators',
    description:
      'I am leaving the team in {n} days. Please make our two platform engineers administrators before that, their addresses are in the attachment.',
    tags: ['access'],
    replies: [
      'We need the request from the account owner. Is that still you?',
      'Yes, until the end of the week.',
      'Done, both have been invited and your own access ends on Friday.',
    ],
    resolution: 'Two administrators invited; the former owner removed.',
  },
  {
    category: 'account',
    title: 'No llega el código de verificación al correo',
    description:
      'Intenté entrar {n} veces y el código nunca llega, ni a la bandeja de no deseados. Tengo una demostración con un cliente a las 3.',
    tags: ['login', 'otp'],
    replies: [
      'Su servidor de correo rechaza nuestros mensajes con 550. Le habilitamos el acceso por SMS mientras tanto.',
      'Por SMS funciona, gracias. Hablo con sistemas.',
    ],
    resolution: 'El dominio del cliente bloqueaba el remitente. Acceso temporal por SMS.',
  },
  {
    category: 'feature_request',
    title: 'Batch endpoint for {api}',
    description:
      'We check {n} thousand records every night, one call each. A batch endpoint with a result file would spare both of us a lot of connections.',
    tags: ['batch', 'performance'],
    replies: ['Good idea, I have passed it to the product team. What file size would you need?', 'About 50 MB of CSV per night.'],
    resolution: 'Accepted for the roadmap of next quarter.',
  },
  {
    category: 'feature_request',
    title: 'Soporte para la cédula digital',
    description:
      'Cada vez más usuarios presentan la cédula digital y {api} la rechaza como copia. Esta semana fueron {n}. ¿Está en sus planes?',
    tags: ['documentos', 'colombia'],
    replies: ['Está en pruebas. ¿Quieren participar en la beta?', 'Sí, con gusto.'],
    resolution: 'Cliente agregado a la beta de cédula digital.',
  },
  {
    category: 'general',
    title: 'Data processing agreement for our auditors',
    description:
      'Our auditors ask for the signed data processing agreement and the list of sub-processors, and where {api} keeps images and for how long ({n} days?).',
    tags: ['compliance', 'gdpr'],
    replies: [
      'Attached are the agreement and the list. Images are deleted after the retention that you configure.',
      'Thank you, that is all they wanted.',
    ],
    resolution: 'Documents sent.',
  },
  {
    category: 'general',
    title: 'Question about rate limits',
    description: 'How many parallel calls to {api} may we make? We see slow answers at {n} but no error.',
    tags: ['limits'],
    replies: [
      'There is no hard limit on your plan, but above 20 parallel calls we queue. Shall I raise it for the campaign?',
      'Yes please, from Monday to Friday.',
    ],
    resolution: 'Concurrency raised for the campaign week.',
  },
]

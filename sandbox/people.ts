import type { Random } from './random.ts'

/** Given names and family names that are common together, by region. */
const namesByRegion = {
  sg: [
    ['Wei Ling', 'Jun Jie', 'Hui Min', 'Siti Nurhaliza', 'Arjun', 'Priya', 'Marcus', 'Farah', 'Kelvin', 'Shu Fen'],
    ['Tan', 'Lim', 'Goh', 'Rahman', 'Nair', 'Chua', 'Ong', 'Binte Yusof', 'Pillai', 'Koh'],
  ],
  my: [
    ['Aisyah', 'Hafiz', 'Nurul', 'Amirul', 'Mei Yee', 'Ganesh', 'Zulkifli', 'Kavitha', 'Syafiq', 'Li Wen'],
    ['binti Abdullah', 'bin Ismail', 'Wong', 'Subramaniam', 'Lee', 'bin Hassan', 'Chong', 'Raj', 'binti Osman', 'Yap'],
  ],
  th: [
    ['สมชาย', 'Kanya', 'Nattapong', 'ปรียา', 'Somsak', 'Ploy', 'Anan', 'วิภา', 'Chai', 'Malee'],
    ['Srisai', 'ใจดี', 'Wongsakul', 'Charoen', 'ทองดี', 'Rattanakosin', 'Boonmee', 'Suwan', 'Phanit', 'Kittisak'],
  ],
  ph: [
    ['Maria Clara', 'Jose', 'Angelica', 'Paolo', 'Kristine', 'Miguel', 'Jasmine', 'Rafael', 'Bea', 'Carlo'],
    ['Dela Cruz', 'Reyes', 'Santos', 'Bautista', 'Garcia', 'Mendoza', 'Villanueva', 'Aquino', 'Ramos', 'Castillo'],
  ],
  pk: [
    ['Ayesha', 'Bilal', 'Fatima', 'Usman', 'Zainab', 'Hamza', 'Sana', 'Imran', 'Mahnoor', 'Ali Raza'],
    ['Khan', 'Malik', 'Ahmed', 'Qureshi', 'Siddiqui', 'Butt', 'Chaudhry', 'Sheikh', 'Hashmi', 'Iqbal'],
  ],
  tw: [
    ['怡君', '志明', '雅婷', '俊傑', '淑芬', 'Yu-Ting', 'Chia-Hao', '家豪', 'Pei-Shan', '詩涵'],
    ['陳', '林', '黃', '張', '李', 'Wu', 'Tsai', '王', 'Hsu', '劉'],
  ],
  latam: [
    ['Valentina', 'Santiago', 'Camila', 'Andrés', 'María José', 'Julián', 'Daniela', 'Sebastián', 'Beatriz', 'João Pedro'],
    ['Gómez', 'Rodríguez', 'Restrepo', 'Martínez', 'Castaño', 'Ospina', 'Silva', 'Peña', 'Quintero', 'Almeida'],
  ],
  europe: [
    ['Katharina', 'Jürgen', 'Zsófia', 'Péter', 'Agnieszka', 'Tomasz', 'Rachel', 'John', 'Élodie', 'Łukasz'],
    ['Müller', 'Schäfer', 'Nagy', 'Szabó', 'Kowalska', 'Wiśniewski', 'Scott', 'Smith', 'Lefèvre', 'Novák'],
  ],
  iberia: [
    ['Lucía', 'Hugo', 'Martina', 'Álvaro', 'Inês', 'Tiago', 'Carmen', 'Nuño', 'Begoña', 'Gonçalo'],
    ['García', 'Fernández', 'Ferreira', 'Íñiguez', 'Domínguez', 'Oliveira', 'Muñoz', 'Ibáñez', 'Sousa', 'Peñalver'],
  ],
} as const

export type Region = keyof typeof namesByRegion

/** A fictitious person. */
export interface Person {
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  readonly phone: string
}

const mailHosts = ['example.com', 'example.org', 'example.net', 'mail.example.com', 'inbox.example']
const dialCodes: Record<Region, string> = {
  sg: '+65',
  my: '+60',
  th: '+66',
  ph: '+63',
  pk: '+92',
  tw: '+886',
  latam: '+57',
  europe: '+36',
  iberia: '+34',
}

/** A person who could live in the region. The mail domains are reserved (RFC 2606), so that no mail reaches a real person. */
export function createPerson(random: Random, region: Region): Person {
  const [firstNames, lastNames] = namesByRegion[region]
  const firstName = random.pick(firstNames)
  const lastName = random.pick(lastNames)
  const handle = toHandle(`${firstName}.${lastName}`) || `user${random.int(1000, 9999)}`
  return {
    firstName,
    lastName,
    email: `${handle}${random.chance(0.5) ? random.int(2, 99) : ''}@${random.pick(mailHosts)}`,
    phone: `${dialCodes[region]} 555 ${random.text('0123456789', 3)} ${random.text('0123456789', 3)}`,
  }
}

/** "Jürgen Schäfer" becomes "jurgen_schafer" with the separator "_". Letters of other scripts than Latin are removed. */
export function toHandle(name: string, separator = '.'): string {
  return name
    .replace(/ł/gi, 'l')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .join(separator)
}

/** The projects of the call centre, each with templates: title, type and description. */
export const projects = [
  {
    id: 130,
    name: 'Manual',
    renamed: 'Customer complaints on email',
    offsetHours: 1,
    templates: [
      [
        'Wrong meter reading on invoice',
        'complaint',
        'The reading on the March invoice is higher than what the meter shows today. Customer sent a photo.',
      ],
      [
        'Router keeps restarting',
        'technical',
        'Restarts about every 40 minutes since the firmware update. Factory reset did not help.',
      ],
      [
        'Contract extension not wanted',
        'cancellation',
        'Customer says that the contract was extended by 24 months without a question.',
      ],
      ['Technician did not appear', 'complaint', 'Slot 8 to 12, customer took a day off, no technician came or called.'],
      ['Change of bank account', 'request', 'New IBAN by e-mail, identity check passed on the phone.'],
    ],
  },
  {
    id: 142,
    name: 'Energie Süd Hotline',
    renamed: 'Energie Süd Kundenservice',
    offsetHours: 1,
    templates: [
      [
        'Abschlag zu hoch',
        'complaint',
        'Kundin möchte den monatlichen Abschlag von 148 auf 110 Euro senken, Verbrauch ist seit Einzug gesunken.',
      ],
      ['Zählerstand nachreichen', 'request', 'Kunde hat den Stand zum 31.12. vergessen und reicht ihn telefonisch nach: 48213.'],
      ['Umzug nach Österreich', 'cancellation', 'Sonderkündigung wegen Umzugs, Meldebestätigung kommt per E-Mail.'],
      [
        'Störung Wärmepumpe',
        'technical',
        'Fehler E09 im Display, Haus seit gestern Abend ohne Heizung. Bitte um Rückruf noch heute.',
      ],
      ['Doppelte Abbuchung', 'complaint', 'Im Mai zweimal 96,40 € abgebucht. Bank hat bereits bestätigt.'],
    ],
  },
  {
    id: 155,
    name: 'Pannon Biztosító',
    renamed: 'Pannon Biztosító ügyfélszolgálat',
    offsetHours: 1,
    templates: [
      [
        'Kárbejelentés: csőtörés',
        'claim',
        'A fürdőszobában csőtörés volt, az alsó szomszéd is beázott. Fotókat e-mailben küldi.',
      ],
      ['Kötvénymásolat kérése', 'request', 'A bank kéri a lakásbiztosítási kötvény másolatát a hitelhez.'],
      ['Díjelmaradás tisztázása', 'complaint', 'Az ügyfél szerint a második negyedévi díjat határidőre befizette.'],
      ['Autóbiztosítás felmondása', 'cancellation', 'Eladta az autót, az adásvételi szerződést csatolja.'],
    ],
  },
  {
    id: 161,
    name: 'Szybka Paczka',
    renamed: 'Szybka Paczka - reklamacje',
    offsetHours: 1,
    templates: [
      [
        'Paczka zaginęła w sortowni',
        'complaint',
        'Status nie zmienił się od sześciu dni. Klient żąda zwrotu wartości przesyłki.',
      ],
      ['Zmiana adresu dostawy', 'request', 'Proszę przekierować do paczkomatu przy ul. Długiej 14.'],
      ['Uszkodzona przesyłka', 'claim', 'Karton zgnieciony, monitor pęknięty. Protokół szkody spisany z kurierem.'],
      ['Brak faktury', 'request', 'Faktura za wrzesień nie dotarła na adres księgowości.'],
    ],
  },
] as const
/** One project. */
export type Project = (typeof projects)[number]

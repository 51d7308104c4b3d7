import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { readTime, toInstant } from '../../src/domain/instant.ts'

it('an instant is written as Date writes it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) => {
      expect(toInstant(ms)).toBe(new Date(ms).toISOString())
    }),
  )
})

it('a time outside the years 0 to 9999 is a RangeError', () => {
  expect(() => toInstant(253_402_300_800_000)).toThrow(RangeError)
  expect(() => toInstant(Number.NaN)).toThrow(RangeError)
})

describe('a time is read', () => {
  test.each([
    // RFC 3339, section 5.8: the examples.
    ['1985-04-12T23:20:50.52Z', '1985-04-12T23:20:50.520Z'],
    ['1996-12-19T16:39:57-08:00', '1996-12-20T00:39:57.000Z'],
    ['1937-01-01T12:00:27.87+00:20', '1937-01-01T11:40:27.870Z'],
    // Section 5.6: T and Z may be lower case, and a blank may stand for T. Section 4.3: -00:00 is UTC.
    ['2024-02-15t14:46:46z', '2024-02-15T14:46:46.000Z'],
    ['2024-02-15 14:46:46Z', '2024-02-15T14:46:46.000Z'],
    ['2024-02-15T14:46:46-00:00', '2024-02-15T14:46:46.000Z'],
    // Section 5.8: leap seconds. The second behind 23:59:60 is 00:00:00.
    ['1990-12-31T23:59:60Z', '1991-01-01T00:00:00.000Z'],
    ['1990-12-31T15:59:60-08:00', '1991-01-01T00:00:00.000Z'],
    ['2016-12-31T23:59:60.25Z', '2017-01-01T00:00:00.250Z'],
    // PostgreSQL, "Date/Time Output" with DateStyle ISO: the minutes and seconds of an offset are left out where they are zero.
    ['2024-02-15 14:46:46+00', '2024-02-15T14:46:46.000Z'],
    ['2024-02-15 14:46:46.123456+00', '2024-02-15T14:46:46.123Z'],
    ['2024-02-15 14:46:46-08', '2024-02-15T22:46:46.000Z'],
    ['2024-02-15 14:46:46.5+05:30', '2024-02-15T09:16:46.500Z'],
    ['1890-01-01 00:53:28+00:53:28', '1890-01-01T00:00:00.000Z'],
    ['2024-02-15 14:46:46', '2024-02-15T14:46:46.000Z'],
    // ISO 8601: the basic form of an offset, a comma before the fraction, hours and minutes alone, the end of the day.
    ['2024-02-15T14:46:46+0530', '2024-02-15T09:16:46.000Z'],
    ['2024-02-15T14:46:46,5Z', '2024-02-15T14:46:46.500Z'],
    ['2024-02-15T14:46', '2024-02-15T14:46:00.000Z'],
    ['2024-02-28T24:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2024-12-31T24:00+01:00', '2024-12-31T23:00:00.000Z'],
    // Java: OffsetDateTime and ZonedDateTime leave out seconds that are zero, and have up to nine digits of a fraction.
    ['2024-02-15T14:46Z', '2024-02-15T14:46:00.000Z'],
    ['2024-02-15T14:46:46.123456789Z[UTC]', '2024-02-15T14:46:46.123Z'],
    ['2024-02-15T14:46:46.999999999+01:00[Europe/Paris]', '2024-02-15T13:46:46.999Z'],
    ['2024-02-15T14:46+01:02:03', '2024-02-15T13:43:57.000Z'],
    // java.sql.Timestamp, and Ruby's Time.
    ['2024-02-15 14:46:46.0', '2024-02-15T14:46:46.000Z'],
    ['2024-02-15 14:46:46 +0100', '2024-02-15T13:46:46.000Z'],
    // RFC 9557, section 4.2 and figures 1 and 2: tags behind the offset leave the instant as it is.
    ['2024-02-15T14:46:46+01:00[Europe/Paris]', '2024-02-15T13:46:46.000Z'],
    ['1996-12-19T16:39:57-08:00[America/Los_Angeles][u-ca=hebrew]', '1996-12-20T00:39:57.000Z'],
    ['2022-07-08T00:14:07Z[+08:45]', '2022-07-08T00:14:07.000Z'],
    // Leap days by the Gregorian calendar, which ISO 8601 extends to the year 0.
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['0000-02-29T00:00:00Z', '0000-02-29T00:00:00.000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['0099-12-31T23:59:59Z', '0099-12-31T23:59:59.000Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    [`2024-02-15T14:46:46.${'1'.repeat(10_000)}Z`, '2024-02-15T14:46:46.111Z'],
  ])('from %s', (text, instant) => {
    expect(readTime(text)?.instant).toBe(instant)
  })

  test.each([
    ...['2024-02-30T10:00:00Z', '2023-02-29T10:00:00Z', '1900-02-29T10:00:00Z', '2024-04-31T10:00:00Z', '2024-02-00T10:00:00Z'],
    ...['2024-13-01T10:00:00Z', '2024-00-01T10:00:00Z', '0000-00-00 00:00:00'],
    ...['2024-02-15T24:00:01Z', '2024-02-15T24:00:00.001Z', '2024-02-15T24:01Z', '2024-02-15T25:00:00Z', '2024-02-15T10:60:00Z'],
    ...['2024-02-15T10:00:61Z', '2024-02-15T23:59:60Z', '1990-12-31T22:59:60Z', '1990-12-31T23:59:60-08:00'],
    ...['2024-02-15T10:00:00+25:00', '2024-02-15T10:00:00+24:00', '2024-02-15T10:00:00+01:60', '2024-02-15T10:00:00+01:00:60'],
    ...['2024-02-15T10:00:00+2500', '2024-02-15T10:00:00+25', '2024-02-15T10:00:00+1', '2024-02-15T10:00:00+01:0030'],
    // RFC 9557, section 3.3: a critical tag has to be understood.
    ...['2022-07-08T00:14:07+00:00[!Europe/London]', '2022-07-08T00:14:07Z[!knort=blargel]'],
    // A zone without an offset: its offset at that time is not known here.
    ...['2024-02-15T14:46:46[Europe/Paris]', '2024-02-15T14:46:46Z[', '2024-02-15T14:46:46Z[]'],
    ...['0000-01-01T00:00:00+00:01', '9999-12-31T24:00:00Z', '9999-12-31T23:59:59-00:01', '+10000-01-01T00:00:00Z'],
    ...['-0001-01-01T00:00:00Z', '0044-03-15 00:00:00 BC', 'infinity', '-infinity', '2024-02-15', '14:46:46', '', ' '],
    ...['2024-02-15T14:46:46.Z', '2024-02-15T14:46,5Z', '2024-02-15T14Z', '2024-2-15T14:46:46Z', 'yesterday', '1708008406'],
    ...[
      '2024-02-15T14:46:46Z ',
      ' 2024-02-15T14:46:46Z',
      '2024-02-15T14:46:46Z\n',
      '2024-02-15\n14:46:46Z',
      '٢٠٢٤-02-15T14:46:46Z',
    ],
  ])('not from %j', (text) => {
    expect(readTime(text)).toBeNull()
  })

  test('with the knowledge whether the text names an offset', () => {
    const named = [
      '2024-02-15T14:46Z',
      '2024-02-15 14:46:46+00',
      '2024-02-15T14:46:46.1+01:00[Europe/Paris]',
      '2024-02-15T14:46:46 z',
    ]
    expect(named.map((text) => readTime(text)?.hasOffset)).toEqual([true, true, true, true])
    expect(['2024-02-15T14:46', '2024-02-15 14:46:46,25'].map((text) => readTime(text)?.hasOffset)).toEqual([false, false])
  })

  test('in every written form as the same instant', () => {
    const times = fc.integer({ min: -62_167_132_800_000, max: 253_402_214_399_999 })
    const offsets = fc.integer({ min: -1439, max: 1439 })
    fc.assert(
      fc.property(times, offsets, fc.constantFrom('T', 't', ' '), fc.constantFrom('.', ','), (ms, minutes, separator, point) => {
        const local = new Date(ms + minutes * 60_000).toISOString().slice(0, -1).replace('T', separator).replace('.', point)
        const digits = (number: number) => String(number).padStart(2, '0')
        const [sign, distance] = [minutes < 0 ? '-' : '+', Math.abs(minutes)]
        const [hours, rest] = [digits(Math.floor(distance / 60)), digits(distance % 60)]
        const instant = new Date(ms).toISOString()
        for (const offset of [`${sign}${hours}:${rest}`, `${sign}${hours}${rest}`, ...(rest === '00' ? [sign + hours] : [])]) {
          expect(readTime(local + offset)).toEqual({ instant, hasOffset: true })
        }
      }),
    )
  })
})

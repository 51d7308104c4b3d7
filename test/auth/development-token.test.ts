import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createAuthenticator } from '../../src/auth/authenticator.ts'
import { authConfig } from '../../src/auth/config.ts'
import { createDevelopmentToken } from '../../src/auth/development-token.ts'
import { anonymous } from '../../src/domain/permissions.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { bearer, limits, startOfTime } from './issuer.ts'

const clock = () => startOfTime
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'deskgraph-token-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function authenticatorFor(configuration: string) {
  const config = authConfig.parse((parse(configuration) as { auth: unknown }).auth)
  return createAuthenticator(config, { clock, logger: noLogger, limits })
}

it('a development token is accepted by the configuration that is printed with it, with every right', async () => {
  const { token, configuration } = await createDevelopmentToken({ directory, clock })
  const viewer = await authenticatorFor(configuration).authenticate(bearer(token))
  expect(viewer).toMatchObject({ id: 'developer', email: 'developer@example.com', expiresAt: startOfTime / 1000 + 3_600 })
  expect(viewer.scopes).toEqual(anonymous.scopes)
})
it('may have another subject, fewer scopes and another lifetime', async () => {
  const options = { directory, clock, subject: 'eve', email: 'eve@example.com', scopes: ['tickets:read'], lifetimeSeconds: 60 }
  const { token, configuration } = await createDevelopmentToken(options)
  expect(await authenticatorFor(configuration).authenticate(bearer(token))).toEqual({
    id: 'eve',
    email: 'eve@example.com',
    name: 'Developer',
    scopes: new Set(['tickets:read']),
    expiresAt: startOfTime / 1000 + 60,
  })
})
it('is signed with a key that is kept, so that earlier tokens remain valid, and that only its owner can read', async () => {
  const earlier = await createDevelopmentToken({ directory, clock })
  const later = await createDevelopmentToken({ directory, clock })
  const auth = authenticatorFor(later.configuration)
  expect((await auth.authenticate(bearer(earlier.token))).id).toBe('developer')
  expect(statSync(join(directory, 'development-key.pem')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(directory, 'development-key.pub.pem'), 'utf8')).not.toContain('PRIVATE')
})
it('is refused with the key of another directory', async () => {
  const other = mkdtempSync(join(tmpdir(), 'deskgraph-token-'))
  const { token } = await createDevelopmentToken({ directory, clock })
  const { configuration } = await createDevelopmentToken({ directory: other, clock })
  await expect(authenticatorFor(configuration).authenticate(bearer(token))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  rmSync(other, { recursive: true })
})

/** A server that lets in only who has a token. */
import { expect, test } from '../support/test'

const SECRET = 'a-secret-of-more-than-thirty-two-bytes'

test.use({ settings: { JWT_AUTH_ENABLED: 'true', JWT_SECRET: SECRET } })

test('W13: errors carry code and status; a refused token is asked for anew, and without one the chat stops', async ({
  world,
  open,
  server,
}) => {
  const { anna, dialog } = await world.pair()
  const annas = await open(anna, {
    props: { dialogId: dialog.id },
    config: { token: 'not-a-token' },
    tokens: [await tokenFor(anna.id)],
  })
  await expect(annas.field).toBeVisible()
  expect(await annas.told('get-token')).toHaveLength(1)
  // From now on no token is good, and the host has no other.
  await server.restart({ JWT_SECRET: SECRET.toUpperCase() })
  await annas.wake()
  await expect
    .poll(() => annas.told('error'), { timeout: 30_000 })
    .toContainEqual(expect.objectContaining({ code: 'UNAUTHORIZED', status: 401 }))
  await expect(annas.header).toContainText('Disconnected')
  const asked = (await annas.told('get-token')).length
  await annas.send('Refused')
  await expect(annas.message('Refused')).toContainText('Not sent')
  // Before the call and after its refusal, and no more.
  expect((await annas.told('get-token')).length).toBeLessThanOrEqual(asked + 2)
})

async function tokenFor(userId: string): Promise<string> {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: userId, iat: now, exp: now + 3600 })}`
  const key = await crypto.subtle.importKey('raw', Buffer.from(SECRET), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
  return `${body}.${Buffer.from(await crypto.subtle.sign('HMAC', key, Buffer.from(body))).toString('base64url')}`
}

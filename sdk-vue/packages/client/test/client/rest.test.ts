import { describe, expect, test, vi } from 'vitest'
import { encodeScopes, MTChatApi, MTChatClient, MTChatError } from '../../src'
import { configOf, SCOPES, settle, useWorld } from '../people'

const world = useWorld()
const api = (userId = 'anna', token?: string) => new MTChatApi('http://chat.test/', userId, SCOPES, token)

/** The error of a promise that must fail. */
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error as MTChatError,
  )

describe('MTChatApi', () => {
  test('W8: scopes in any script travel as ASCII that every server reads', () => {
    const scopes = { scopeLevel0: ['Север'], scopeLevel1: ['物流', '🚚'], scopeLevel2: ['é'] }
    const json = atob(encodeScopes(scopes))
    expect(json).toMatch(/^[\x20-\x7e]*$/)
    expect(JSON.parse(json)).toEqual({ scope_level0: ['Север'], scope_level1: ['物流', '🚚'], scope_level2: ['é'] })
  })

  test('W8: ids with a slash, a question mark or Cyrillic letters arrive whole', async () => {
    const dialog = world.server.addDialog({ members: ['иван и/или?'], objectType: 'лот', objectId: 'a/b?c#d' })
    const found = await api('иван и/или?').getDialogByObject('лот', 'a/b?c#d')
    expect(found).toMatchObject({ id: dialog.id, i_am_participant: true })
  })

  test('every call carries user_id, JSON content type, scopes and the token', async () => {
    await api('anna', 'anna:1').getDialogs()
    const { query, headers } = world.server.requests[0]!
    expect(query.get('user_id')).toBe('anna')
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('x-scope-config')).toBe(encodeScopes(SCOPES))
    expect(headers.get('authorization')).toBe('Bearer anna:1')
  })

  test('W13: an error tells code, status and message', async () => {
    const error = await failure(api().getDialog('nowhere'))
    expect(error).toBeInstanceOf(MTChatError)
    expect(error).toMatchObject({ code: 'DIALOG_NOT_FOUND', status: 404, message: 'refused: DIALOG_NOT_FOUND' })
  })

  test('an answer that is not ours still has a code and the status', async () => {
    vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('<html>Bad gateway', { status: 500 }))
    expect(await failure(api().leaveDialog('d'))).toMatchObject({ code: 'INTERNAL_ERROR', status: 500 })
  })

  test('a read is tried again when the server is away or busy, and Retry-After is kept', async () => {
    world.server.refuse('GET', /^\/dialogs$/, 503)
    world.server.refuse('GET', /^\/dialogs$/, 429, { headers: { 'retry-after': '3' } })
    const answer = api().getDialogs()
    await settle(2500)
    expect(world.server.requests).toHaveLength(2)
    await settle(1000)
    await expect(answer).resolves.toEqual([])
    expect(world.server.requests).toHaveLength(3)
  })

  test('a read that is refused is not repeated, nor is a write at all', async () => {
    await failure(api().getDialog('nowhere'))
    world.server.refuse('POST', /pin$/, 503)
    await failure(api().pinDialog('d'))
    expect(world.server.requests).toHaveLength(2)
  })

  test('a server that never answers is given up after 15 s', async () => {
    const dialog = world.server.addDialog({ members: ['anna'] })
    world.server.hold('POST', /pin$/)
    const failed = failure(api().pinDialog(dialog.id))
    await settle(15_001)
    expect(await failed).toMatchObject({ code: 'TIMEOUT', status: 0, isTemporary: true })
  })

  test('an aborted call says so and is not repeated', async () => {
    const controller = new AbortController()
    world.server.hold('GET', /messages/)
    const failed = failure(api().getMessages('d', {}, controller.signal))
    await settle()
    controller.abort()
    expect(await failed).toMatchObject({ code: 'ABORTED' })
    expect(world.server.requests).toHaveLength(1)
  })

  test('W13: a 401 asks getToken once for all calls refused together, and repeats them', async () => {
    world.server.tokens = new Set(['anna:2'])
    const getToken = vi.fn().mockResolvedValue('anna:2')
    const client = new MTChatClient(configOf('anna', { token: 'anna:1', getToken }))
    await Promise.all([client.api.getDialogs(), client.api.getAvailableDialogs()])
    expect(getToken).toHaveBeenCalledOnce()
  })

  test('W13: a 401 that stands stops the socket too', async () => {
    const onError = vi.fn()
    const client = new MTChatClient(configOf('anna', { token: 'anna:1', onError }))
    client.connect()
    await settle()
    world.server.tokens = new Set()
    expect(await failure(client.api.getDialogs())).toMatchObject({ code: 'UNAUTHORIZED', status: 401 })
    expect(client.connectionState).toBe('unauthorized')
    expect(onError).toHaveBeenCalledOnce()
  })

  test('a send names reply_to, only the four fields of a file, and the key', async () => {
    const dialog = world.server.addDialog({ members: ['anna'] })
    const file = {
      s3_key: 'k',
      filename: 'a.png',
      content_type: 'image/png',
      size: 3,
      preview_url: 'blob:1',
      width: 5,
      height: 6,
    }
    await api().sendMessage(dialog.id, '<p>x</p>', { replyTo: 'r', attachments: [file], clientMessageId: 'key' })
    expect(world.server.requests[0]!.body).toEqual({
      content: '<p>x</p>',
      reply_to: 'r',
      attachments: [{ s3_key: 'k', filename: 'a.png', content_type: 'image/png', size: 3 }],
      client_message_id: 'key',
    })
  })
})

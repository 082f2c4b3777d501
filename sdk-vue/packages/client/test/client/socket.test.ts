import { describe, expect, test, vi } from 'vitest'
import { MTChatClient } from '../../src'
import { configOf, settle, stubTab, useWorld } from '../people'

const world = useWorld()

function connected(userId = 'anna', more: Parameters<typeof configOf>[1] = {}) {
  const client = new MTChatClient(configOf(userId, more))
  client.connect()
  return client
}

/** Full jitter at its longest: the bound itself. */
const longest = () => vi.spyOn(Math, 'random').mockReturnValue(0.999)

describe('the connection', () => {
  test('is up with the greeting of the server, not with the open socket', async () => {
    const onConnect = vi.fn()
    const client = connected('anna', { onConnect })
    expect(client.isConnected).toBe(false)
    await settle()
    expect(client.isConnected).toBe(true)
    expect(client.features.resume).toBe(true)
    expect(onConnect).toHaveBeenCalledOnce()
    client.disconnect()
  })

  test('keeps a path prefix of baseUrl and encodes the identity', async () => {
    const client = connected('анна/1', { baseUrl: 'https://host.test/chat/' })
    await settle()
    expect(world.server.dialled[0]!.url).toBe(`wss://host.test/chat/api/v1/ws?user_id=${encodeURIComponent('анна/1')}`)
    client.disconnect()
  })

  test('W19: comes back with a wait that doubles from 0.5 s to 30 s', async () => {
    longest()
    const client = connected()
    await settle()
    world.server.cut()
    const waits = []
    for (let i = 0; i < 9; i++) {
      const [before, from] = [world.server.dialled.length, Date.now()]
      while (world.server.dialled.length === before) await settle(50)
      waits.push(Math.round((Date.now() - from) / 500) * 500)
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000])
    client.disconnect()
  })

  test('W19: comes back at once when the network or the reader returns', async () => {
    const tab = stubTab()
    longest()
    const client = connected()
    await settle()
    world.server.cut()
    await settle(20_000)
    world.server.mend()
    expect(client.isConnected).toBe(false)
    tab.online()
    await settle()
    expect(client.isConnected).toBe(true)
    world.server.cut()
    await settle(20_000)
    world.server.mend()
    tab.show()
    await settle()
    expect(client.isConnected).toBe(true)
    client.disconnect()
  })

  test('W19: a ping without a sign of life for 10 s ends the connection', async () => {
    longest()
    const client = connected()
    await settle()
    world.server.deaf = true
    await settle(30_000)
    expect(world.server.sockets[0]!.received.at(-1)).toEqual({ type: 'ping' })
    await settle(9_900)
    expect(client.isConnected).toBe(true)
    await settle(200)
    expect(client.isConnected).toBe(false)
    client.disconnect()
  })

  test('W19: a reader who returns to the tab finds out at once whether the connection is dead', async () => {
    longest()
    const tab = stubTab()
    const client = connected()
    await settle()
    world.server.deaf = true
    tab.show()
    await settle(10_100)
    expect(client.isConnected).toBe(false)
    client.disconnect()
  })

  test('a disconnect by hand emits nothing and stays', async () => {
    const onDisconnect = vi.fn()
    const client = connected('anna', { onDisconnect })
    await settle()
    client.disconnect()
    await settle(60_000)
    expect(onDisconnect).not.toHaveBeenCalled()
    expect(world.server.dialled).toHaveLength(1)
  })

  test('a handler that throws stops neither the others nor the connection', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const client = connected()
    const seen: string[] = []
    client.on('*', () => {
      throw new Error('mine')
    })
    const off = client.on('*', (event) => seen.push(event.type))
    await settle()
    expect(seen).toEqual(['connected'])
    off()
    world.server.tell(['anna'], { type: 'presence.update', user_id: 'boris', is_online: true })
    expect(seen).toEqual(['connected'])
    client.disconnect()
  })
})

describe('close codes', () => {
  const end = async (code: number, reason = '', lived = 60_000) => {
    const client = connected()
    await settle()
    await settle(lived)
    world.server.sockets[0]!.end(code, reason)
    return client
  }

  test('4008 slow: comes back at once', async () => {
    longest()
    const client = await end(4008)
    await settle()
    expect(client.isConnected).toBe(true)
    client.disconnect()
  })

  test('4008 right after the greeting: waits, so as not to storm the server', async () => {
    longest()
    const client = await end(4008, '', 0)
    await settle(100)
    expect(client.isConnected).toBe(false)
    await settle(500)
    expect(client.isConnected).toBe(true)
    client.disconnect()
  })

  test('1001 going away: not before the delay its reason asks for', async () => {
    const client = await end(1001, '{"retry_after_ms":7000}')
    await settle(6_900)
    expect(client.isConnected).toBe(false)
    await settle(700)
    expect(client.isConnected).toBe(true)
    client.disconnect()
  })

  test.each([1009, 1013])('%i: comes back, not within the first second', async (code) => {
    const client = await end(code)
    await settle(990)
    expect(client.isConnected).toBe(false)
    await settle(600)
    expect(client.isConnected).toBe(true)
    client.disconnect()
  })

  test('4501 and up are final, and said to be', async () => {
    const onError = vi.fn()
    const client = connected('anna', { onError })
    await settle()
    world.server.sockets[0]!.end(4501)
    await settle(120_000)
    expect(world.server.dialled).toHaveLength(1)
    expect(onError).toHaveBeenCalledOnce()
    client.disconnect()
  })

  test.each([4401, 4403])('W13: %i asks getToken and comes back with the new token', async (code) => {
    world.server.tokens = new Set(['anna:1'])
    const getToken = vi.fn().mockResolvedValueOnce('anna:1').mockResolvedValueOnce('anna:2')
    const client = connected('anna', { getToken })
    await settle()
    expect(client.isConnected).toBe(true)
    world.server.tokens = new Set(['anna:2'])
    world.server.sockets[0]!.end(code)
    await settle(1000)
    expect(client.isConnected).toBe(true)
    expect(getToken).toHaveBeenCalledTimes(2)
    client.disconnect()
  })

  test('W13: 4401 without another token stops, tells, and stays stopped until connect()', async () => {
    const onError = vi.fn()
    const client = connected('anna', { token: 'anna:1', onError })
    const errors: unknown[] = []
    client.on('error', (event) => errors.push(event.payload?.error_message))
    await settle()
    world.server.sockets[0]!.end(4401, 'withdrawn')
    await settle(120_000)
    expect(client.connectionState).toBe('unauthorized')
    expect(world.server.dialled).toHaveLength(1)
    expect(onError.mock.calls[0]![0]).toMatchObject({ code: 'UNAUTHORIZED', status: 401 })
    expect(errors).toEqual(['withdrawn'])
    client.connect()
    await settle()
    expect(client.isConnected).toBe(true)
    client.disconnect()
  })

  test('W13: a refused handshake, of which a browser hides the reason, makes the token suspect', async () => {
    world.server.tokens = new Set(['anna:2'])
    const getToken = vi.fn().mockResolvedValueOnce('anna:1').mockResolvedValue('anna:2')
    const client = connected('anna', { getToken })
    await settle(2000)
    expect(client.isConnected).toBe(true)
    client.disconnect()
  })

  test('W13: a host that has no token is not pressed: the socket stays closed until connect()', async () => {
    world.server.tokens = new Set(['anna:2'])
    const getToken = vi.fn().mockResolvedValueOnce('anna:1').mockResolvedValueOnce(null).mockResolvedValue('anna:2')
    const onError = vi.fn()
    const client = connected('anna', { getToken, onError })
    await settle(120_000)
    expect(client.connectionState).toBe('unauthorized')
    expect(getToken).toHaveBeenCalledTimes(2)
    expect(onError.mock.calls.at(-1)![0]).toMatchObject({ code: 'UNAUTHORIZED', status: 401 })
    client.connect()
    await settle()
    expect(client.isConnected).toBe(true)
    client.disconnect()
  })
})

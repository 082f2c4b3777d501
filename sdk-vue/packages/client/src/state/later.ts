/**
 * The way to changes.ts: fetched with the first use, and from then on used at once. What comes late imports nothing but
 * types of what comes early: a module two chunks share becomes a third one, fetched at the start.
 */
import { MTChatError } from '../errors'
import type { changes as changesOf } from './changes'
import type { ChatContext } from './context'

export type Changes = ReturnType<typeof changesOf>

let changes: typeof changesOf | undefined

export async function loadChanges(): Promise<typeof changesOf> {
  try {
    return (changes = (await import('./changes')).changes)
  } catch (cause) {
    throw new MTChatError('NETWORK_ERROR', 'The server is out of reach', 0, undefined, cause)
  }
}

/**
 * A failure to fetch is shown as any is, and the next use asks again. What one user asked for is not done as another,
 * should the host change users meanwhile.
 */
export function withChanges<T>(ctx: ChatContext, use: (changes: Changes) => T): T | Promise<Awaited<T>> {
  const { client } = ctx
  const { dialogId } = ctx.conversation
  const run = (make: typeof changesOf) => {
    if (client !== ctx.client) throw new MTChatError('ABORTED', 'Cancelled')
    return use(make(ctx, dialogId))
  }
  return changes ? run(changes) : (ctx.attempt(loadChanges).then(run) as Promise<Awaited<T>>)
}

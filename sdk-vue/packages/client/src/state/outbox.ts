/**
 * Outbox: messages on their way. Per dialog one at a time and in order; a message the network keeps from leaving waits
 * (and those behind it wait too), one the server refuses fails and lets the next pass. Each carries a key, so that a repeat of a
 * send whose answer was lost makes no second message. Owns no message that the server has confirmed.
 */
import { backoffMs } from '../backoff'
import { asError, MTChatError } from '../errors'
import type { AttachmentInput, DeliveryState, Message } from '../types'
import { Subscribable } from './subscribable'

export interface OutboxEntry {
  readonly id: string
  readonly dialogId: string
  readonly content: string
  readonly replyTo: string | null
  readonly attachments: readonly AttachmentInput[]
  readonly createdAt: string
  readonly delivery: DeliveryState
  readonly error: Error | null
}

export type OutgoingMessage = Pick<OutboxEntry, 'dialogId' | 'content' | 'replyTo' | 'attachments'>

export interface OutboxOptions {
  send(entry: OutboxEntry): Promise<Message>
  /** The server has it; called before `add` resolves. */
  onSent(message: Message, entry: OutboxEntry): void
  /** Sending the same key twice is safe. Only then a send without an answer is repeated unasked. */
  canRepeat(): boolean
}

interface Waiting {
  attempt: number
  settle: { resolve(message: Message | undefined): void; reject(error: Error): void }
  timer?: ReturnType<typeof setTimeout>
}

/** A server that answers "not now" so often is believed: about two minutes. Being offline is not counted. */
const MAX_ATTEMPTS = 12

/** A key nobody else makes. Not `randomUUID`: that exists in secure pages only. */
const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('')

export class Outbox extends Subscribable {
  entries: readonly OutboxEntry[] = []
  private readonly sends = new Map<string, Waiting>()

  constructor(private readonly options: OutboxOptions) {
    super()
  }

  /** Resolves with the confirmed message, undefined if it was discarded, and rejects when it failed. */
  add(message: OutgoingMessage): Promise<Message | undefined> {
    const entry: OutboxEntry = {
      ...message,
      id: newKey(),
      createdAt: new Date().toISOString(),
      delivery: 'sending',
      error: null,
    }
    const isFirst = !this.entries.some((e) => e.dialogId === entry.dialogId && e.delivery !== 'failed')
    return new Promise((resolve, reject) => {
      this.sends.set(entry.id, { attempt: 0, settle: { resolve, reject } })
      this.entries = [...this.entries, entry]
      this.notify()
      if (isFirst) void this.attempt(entry.id)
    })
  }

  find(id: string): OutboxEntry | undefined {
    return this.entries.find((entry) => entry.id === id)
  }

  /** True while a send into this dialog has not been answered. */
  isSending(dialogId: string): boolean {
    return this.entries.some((e) => e.dialogId === dialogId && e.delivery === 'sending')
  }

  /** Try a failed one again, behind those that wait; a waiting one at once. */
  retry(id: string): void {
    const entry = this.find(id)
    if (!entry || entry.delivery === 'sending') return
    if (entry.delivery === 'failed') {
      this.entries = [...this.entries.filter((e) => e !== entry), { ...entry, delivery: 'sending', error: null }]
      this.sends.set(id, { attempt: 0, settle: { resolve() {}, reject() {} } })
      this.notify()
    }
    this.next(entry.dialogId)
  }

  /** Take one back. A send under way may still arrive: it is then shown as any message is. */
  discard(id: string): OutboxEntry | undefined {
    const entry = this.find(id)
    if (!entry) return undefined
    const waiting = this.sends.get(id)
    this.drop(id)
    waiting?.settle.resolve(undefined)
    this.next(entry.dialogId)
    return entry
  }

  /** The socket brought the message before the answer did. */
  confirm(id: string, message: Message): boolean {
    const entry = this.find(id)
    if (!entry) return false
    const waiting = this.sends.get(id)
    this.drop(id)
    this.options.onSent(message, entry)
    waiting?.settle.resolve(message)
    this.next(entry.dialogId)
    return true
  }

  /** The network is back: do not wait any longer. */
  wake(): void {
    for (const dialogId of new Set(this.entries.map((e) => e.dialogId))) this.next(dialogId)
  }

  /** Forget everything, telling those who wait. */
  clear(): void {
    for (const { timer, settle } of this.sends.values()) {
      clearTimeout(timer)
      settle.resolve(undefined)
    }
    this.sends.clear()
    this.entries = []
    this.notify()
  }

  private async attempt(id: string): Promise<void> {
    const entry = this.find(id)
    const waiting = this.sends.get(id)
    if (!entry || !waiting) return
    clearTimeout(waiting.timer)
    delete waiting.timer
    this.mark(id, 'sending', null)
    waiting.attempt++
    try {
      this.confirm(id, { ...(await this.options.send(entry)), client_message_id: id })
    } catch (thrown) {
      if (this.sends.get(id) === waiting) this.failed(entry, waiting, asError(thrown))
    }
  }

  private failed(entry: OutboxEntry, waiting: Waiting, error: Error): void {
    if (this.mayRepeat(error, waiting.attempt)) {
      this.mark(entry.id, 'queued', error)
      const wait = Math.max(error.retryAfter ?? 0, backoffMs(waiting.attempt - 1))
      waiting.timer = setTimeout(() => void this.attempt(entry.id), wait)
      return
    }
    this.sends.delete(entry.id)
    this.mark(entry.id, 'failed', error)
    waiting.settle.reject(error)
    this.next(entry.dialogId)
  }

  private mayRepeat(error: Error, attempts: number): error is MTChatError {
    if (!(error instanceof MTChatError) || !error.isTemporary || !this.options.canRepeat()) return false
    return error.code === 'NETWORK_ERROR' || attempts < MAX_ATTEMPTS
  }

  /** Send the oldest of a dialog that has not failed, unless one is under way. */
  private next(dialogId: string): void {
    const entry = this.entries.find((e) => e.dialogId === dialogId && e.delivery !== 'failed')
    if (!entry) return
    const waiting = this.sends.get(entry.id)
    if (waiting && (waiting.attempt === 0 || entry.delivery === 'queued')) void this.attempt(entry.id)
  }

  private mark(id: string, delivery: DeliveryState, error: Error | null): void {
    this.entries = this.entries.map((e) =>
      e.id === id && (e.delivery !== delivery || e.error !== error) ? { ...e, delivery, error } : e,
    )
    this.notify()
  }

  private drop(id: string): void {
    clearTimeout(this.sends.get(id)?.timer)
    this.sends.delete(id)
    this.entries = this.entries.filter((e) => e.id !== id)
    this.notify()
  }
}

/** How a message on its way looks in the timeline. */
export function pendingMessage(entry: OutboxEntry, userId: string): Message {
  return {
    id: entry.id,
    client_message_id: entry.id,
    dialog_id: entry.dialogId,
    sender_id: userId,
    content: entry.content,
    sent_at: entry.createdAt,
    ...(entry.replyTo && { reply_to_id: entry.replyTo }),
    message_type: 'user',
    delivery: entry.delivery,
    ...(entry.attachments.length && {
      attachments: entry.attachments.map(({ s3_key, preview_url = '', ...file }) => ({
        ...file,
        id: s3_key,
        url: preview_url,
      })),
    }),
  }
}

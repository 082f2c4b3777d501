/** Lists: the three lists of dialogs of a chat, loaded, paged, searched and kept true by live events. */
import type { ListOptions } from '../rest'
import type { DialogListItem, LastMessage, Message } from '../types'
import type { DialogListKind } from './chatState'
import type { ChatContext } from './context'
import { quiet, quietWhenAborted } from './context'
import { DialogStore } from './dialogStore'
import { compareIds } from './order'

export const DIALOG_PAGE = 50

/** Which dialogs a chat is about. */
export interface ChatScope {
  mode?: 'full' | 'inline' | undefined
  objectType?: string | undefined
  objectId?: string | undefined
}

const KINDS = ['participating', 'archived', 'available'] as const
/** `refresh`: the first page again, keeping what is loaded beyond it. */
type Filling = 'replace' | 'more' | 'refresh'
type ObjectRef = { objectType: string; objectId: string }

/** Events that change lists come in bursts (a created dialog, a left one): they share one reload. */
const REFRESH_DELAY_MS = 200

export class Lists {
  private readonly dialogs = new DialogStore()
  private readonly hasMore = { participating: false, archived: false, available: false }
  private readonly loaded = new Set<DialogListKind>()
  private readonly requests = new Map<DialogListKind, AbortController>()
  private readonly stale = new Set<DialogListKind>()
  /** Dialogs we get events of but that the lists do not show: outside the scopes, the search or the object. */
  private readonly foreign = new Set<string>()
  /** Dialogs being left from here: their `participant.left` is no news. */
  readonly leaving = new Set<string>()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly ctx: ChatContext) {}

  /** What the scope asks for: one object's dialogs, or mine and those I could join. */
  async loadAll(): Promise<void> {
    const object = this.object()
    if (object) await this.loadByObject(object)
    else await Promise.all([this.load('participating'), this.load('available')])
  }

  /** The first page of a list. */
  load(kind: DialogListKind): Promise<void> {
    return this.loading(() => this.fetchInto(kind, 'replace'))
  }

  /** An object's dialogs, mine and joinable, in one request. */
  loadByObject(object: ObjectRef): Promise<void> {
    return this.loading(() => this.fetchObject(object, false))
  }

  loadArchivedByObject(object: ObjectRef): Promise<void> {
    return this.loading(() => this.fetchObject(object, true))
  }

  loadArchivedDialogs(): Promise<void> {
    const object = this.object()
    return object ? this.loadArchivedByObject(object) : this.load('archived')
  }

  /** The next page; failures are shown by there being no more. */
  async loadMoreDialogs(kind: DialogListKind): Promise<void> {
    if (!this.hasMore[kind] || this.requests.has(kind)) return
    await this.ctx
      .during('isLoadingDialogs', () => this.fetchInto(kind, 'more'))
      .catch(() => {
        this.hasMore[kind] = false
        this.publish()
      })
  }

  /** A dialog of the lists, or the open one. */
  find(id: string | undefined): DialogListItem | undefined {
    return id === undefined ? undefined : (this.dialogs.get(id) ?? this.ctx.current(id))
  }

  /** Change a dialog wherever it is shown; it moves to the list it then belongs to. */
  patch(id: string, change: Partial<DialogListItem>): void {
    this.dialogs.patch(id, change)
    this.patchCurrent(id, change)
    this.publish()
  }

  /** We are out of this dialog, by whatever way. */
  left(id: string): void {
    this.ctx.catchUp.forget(id)
    this.dialogs.remove(id)
    this.publish()
    this.refresh('available')
  }

  /** A message changes its dialog's row. An event the row already counts (`seq`) changes nothing. */
  receive(message: Message, senderName: string | undefined, seq?: number): void {
    const dialog = this.find(message.dialog_id)
    if (!dialog) return this.discover(message.dialog_id)
    if (seq !== undefined && dialog.seq !== undefined && seq <= dialog.seq) return
    const change: Partial<DialogListItem> = seq === undefined ? {} : { seq }
    if (!dialog.last_message || compareIds(message.id, dialog.last_message.id) > 0) {
      change.last_message = previewOf(message, senderName)
      change.last_message_at = message.sent_at
      const counts = message.message_type !== 'system' && message.sender_id !== this.ctx.userId
      if (counts) change.unread_count = (dialog.unread_count ?? 0) + 1
    }
    this.patch(message.dialog_id, change)
  }

  /** The text of a row's message changed. */
  patchPreview(id: string, messageId: string, content: string): void {
    const last = this.find(id)?.last_message
    if (last?.id === messageId) this.patch(id, { last_message: { ...last, content } })
  }

  /** Membership or archive changed from outside: look again, also for a dialog that was not to be shown before. */
  rediscover(dialogId: string): void {
    this.foreign.delete(dialogId)
    for (const kind of KINDS) this.refresh(kind)
  }

  /** Soon, bring the first page of a list up to date, keeping what is loaded beyond it. */
  refresh(kind: DialogListKind): void {
    this.stale.add(kind)
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      const kinds = [...this.stale]
      this.stale.clear()
      void this.refreshNow(kinds)
    }, REFRESH_DELAY_MS)
  }

  /** Like `refresh`, at once, for everything loaded. A failure is made up for by the next event. */
  async refreshNow(kinds: readonly DialogListKind[] = KINDS): Promise<void> {
    const object = this.object()
    // What is on its way may have been read before the event: it is looked at again when it is there.
    const busy = kinds.filter((kind) => this.requests.has(object && kind === 'available' ? 'participating' : kind))
    for (const kind of busy) this.refresh(kind)
    const wanted = kinds.filter((kind) => this.loaded.has(kind) && !busy.includes(kind))
    // One request brings two of an object's three lists.
    const halves = new Set(wanted.map((kind) => kind === 'archived'))
    const loads = object
      ? [...halves].map((archived) => this.fetchObject(object, archived))
      : wanted.map((kind) => this.fetchInto(kind, 'refresh'))
    await Promise.all(loads.map((load) => load.catch(quiet)))
  }

  clear(): void {
    for (const controller of this.requests.values()) controller.abort()
    clearTimeout(this.timer)
    this.timer = undefined
    for (const state of [this.stale, this.foreign, this.loaded, this.dialogs]) state.clear()
    for (const kind of KINDS) this.hasMore[kind] = false
    this.publish()
  }

  /** An unknown dialog lives: show it, if the lists would. */
  private discover(dialogId: string): void {
    if (this.foreign.has(dialogId)) return
    this.foreign.add(dialogId)
    this.refresh('participating')
  }

  private get search(): string | undefined {
    return this.ctx.state.searchQuery.trim() || undefined
  }

  private object(): ObjectRef | undefined {
    const { mode, objectType, objectId } = this.ctx.scope
    return mode !== 'inline' && objectType && objectId ? { objectType, objectId } : undefined
  }

  private loading(load: () => Promise<void>): Promise<void> {
    return this.ctx.attempt(() => this.ctx.during('isLoadingDialogs', load))
  }

  private fetchInto(kind: DialogListKind, how: Filling): Promise<void> {
    return this.request(kind, async (signal, epoch) => {
      const offset = how === 'more' ? this.dialogs.list(kind).length : undefined
      const options: ListOptions = { limit: DIALOG_PAGE, offset, signal }
      const { api } = this.ctx
      const page = await (kind === 'available'
        ? api.getAvailableDialogs(this.search, options)
        : api.getParticipatingDialogs(this.search, kind === 'archived', options))
      // A first page again says nothing of the pages after it, if there are any.
      const keeps = how === 'refresh' && this.dialogs.list(kind).length > DIALOG_PAGE
      if (how !== 'more' && !keeps) this.dialogs.clear(kind)
      if (!keeps) this.hasMore[kind] = page.length >= DIALOG_PAGE
      this.fill(kind, page, epoch)
    })
  }

  private fetchObject(object: ObjectRef, archived: boolean): Promise<void> {
    const kinds = archived ? (['archived'] as const) : (['participating', 'available'] as const)
    return this.request(kinds[0], async (signal, epoch) => {
      const type = archived ? 'participating' : undefined
      const all = await this.ctx.api.getDialogsByObject({ ...object, archived, type, search: this.search, signal })
      for (const kind of kinds) {
        const isOther = kind === 'available'
        this.dialogs.clear(kind)
        // Older servers let archived dialogs through.
        const own = all.filter((d) => (d.i_am_participant === false) === isOther && !(d.is_archived && !archived))
        this.fill(kind, own, epoch)
      }
    })
  }

  /** One request per list: a later one makes the earlier void. */
  private async request(
    kind: DialogListKind,
    load: (signal: AbortSignal, epoch: number) => Promise<void>,
  ): Promise<void> {
    this.requests.get(kind)?.abort()
    const controller = new AbortController()
    this.requests.set(kind, controller)
    try {
      await load(controller.signal, this.ctx.client.epoch)
    } catch (thrown) {
      quietWhenAborted(thrown)
    } finally {
      if (this.requests.get(kind) === controller) this.requests.delete(kind)
    }
  }

  private fill(kind: DialogListKind, page: DialogListItem[], epoch: number): void {
    this.dialogs.put(page, kind)
    this.loaded.add(kind)
    for (const dialog of page) {
      this.foreign.delete(dialog.id)
      if (kind !== 'available') this.ctx.catchUp.learn(dialog.id, dialog.seq, epoch)
      this.patchCurrent(dialog.id, dialog)
    }
    this.publish()
  }

  private patchCurrent(id: string, change: Partial<DialogListItem>): void {
    const current = this.ctx.current(id)
    if (current) this.ctx.set({ currentDialog: { ...current, ...change } })
  }

  private publish(): void {
    const before = this.ctx.state.hasMoreDialogs
    const same = KINDS.every((kind) => before[kind] === this.hasMore[kind])
    this.ctx.set({
      participatingDialogs: this.dialogs.list('participating'),
      availableDialogs: this.dialogs.list('available'),
      archivedDialogs: this.dialogs.list('archived'),
      hasMoreDialogs: same ? before : { ...this.hasMore },
    })
  }
}

/** A message as its dialog's row shows it. */
export function previewOf(message: Message, senderName?: string): LastMessage {
  return {
    id: message.id,
    content: message.content,
    sent_at: message.sent_at,
    message_type: message.message_type ?? 'user',
    ...(message.sender_id !== null && { sender_id: message.sender_id }),
    ...(senderName && { sender_name: senderName }),
  }
}

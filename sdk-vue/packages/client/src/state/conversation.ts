/** Conversation: the open dialog. Owns its timeline, members, paging and jumping; writes them into the state. */
import { isAborted } from '../errors'
import type { Attachment, DialogListItem, Message, MessagesResponse, PaginationOptions } from '../types'
import type { ChatContext } from './context'
import { quiet, quietWhenAborted } from './context'
import { withChanges } from './later'
import { previewOf } from './lists'
import { Timeline } from './timeline'

export const MESSAGE_PAGE = 50
/** The UI scrolls by itself after a page or a jump; paging on that would never end. */
const COOLDOWN_MS = 300
/** Joins come in bursts: one reload of the members. */
const MEMBERS_DELAY_MS = 200
/** Frames of an older server lack attachments and quotes; what comes within this time is fetched together. */
const COMPLETE_DELAY_MS = 100

export class Conversation {
  readonly timeline = new Timeline()
  dialogId: string | undefined
  private requests = new AbortController()
  /** On their way. */
  private readonly pages: { isLoadingOlder?: Promise<void>; isLoadingNewer?: Promise<void> } = {}
  private cooldown: ReturnType<typeof setTimeout> | undefined
  private members: ReturnType<typeof setTimeout> | undefined
  private completing: ReturnType<typeof setTimeout> | undefined
  /** Ids of messages to complete. */
  incomplete: string[] = []

  constructor(private readonly ctx: ChatContext) {}

  /** Open a dialog; what was under way for the one before is dropped. */
  async selectDialog(id: string, known?: DialogListItem): Promise<void> {
    if (this.dialogId === id && this.ctx.current(id) && this.timeline.messages.length && !known) return
    this.switchTo(id)
    const { signal } = this.requests
    await this.ctx
      .attempt(async () => {
        const found = known ?? this.ctx.lists.find(id)
        if (found) this.ctx.set({ currentDialog: found })
        const dialog = found ?? (await this.fetchDialog(id, signal))
        this.ctx.client.subscribe(id)
        if (dialog.i_am_participant !== false) await this.load()
      })
      .catch(quietWhenAborted)
  }

  closeDialog(): void {
    this.switchTo(undefined)
  }

  /** Messages and members at once: after opening, joining, or being added. */
  async load(): Promise<void> {
    await Promise.all([this.loadMessages(), this.loadParticipants()])
  }

  /** Begin a new window: the newest page, or the one described. */
  async loadMessages(options: PaginationOptions = {}): Promise<void> {
    await this.ctx
      .attempt(() =>
        this.ctx.during('isLoadingMessages', async () => {
          const page = await this.fetchPage(options)
          if (!page) return
          if (!options.around && !options.before && !options.after) {
            this.ctx.set({ firstUnreadMessageId: page.first_unread_message_id ?? null })
          }
          this.show(page)
        }),
      )
      .catch(quietWhenAborted)
  }

  /** The page before the window; a failure is shown by there being no more. */
  async loadOlderMessages(): Promise<void> {
    const { timeline } = this
    if (!timeline.hasMoreBefore || !timeline.first) return
    await this.page(
      'isLoadingOlder',
      { before: timeline.first.id },
      (page) => timeline.prepend(page, MESSAGE_PAGE),
      () => {
        timeline.hasMoreBefore = false
      },
    )
  }

  /** The page after the window; a failure keeps the way to the newest open. */
  async loadNewerMessages(): Promise<void> {
    const { timeline } = this
    if (!timeline.hasMoreAfter || !timeline.last) return
    await this.page('isLoadingNewer', { after: timeline.last.id }, (page) => timeline.append(page, MESSAGE_PAGE))
  }

  /** Back to the newest page, if the window does not reach it. */
  async resetToLatest(): Promise<void> {
    if (this.timeline.hasMoreAfter) await this.loadMessages()
  }

  enableScrollCooldown(): void {
    clearTimeout(this.cooldown)
    this.ctx.set({ jumpCooldown: true })
    this.cooldown = setTimeout(() => this.ctx.set({ jumpCooldown: false }), COOLDOWN_MS)
  }

  /** Never rejects: without the members the messages still stand. */
  async loadParticipants(): Promise<void> {
    const { dialogId } = this
    if (!dialogId) return
    try {
      const participants = await this.ctx.api.getParticipants(dialogId, this.requests.signal)
      if (this.dialogId === dialogId) this.ctx.set({ participants })
      this.loaded()
    } catch {
      // Swallowed: see above.
    }
  }

  reloadParticipantsSoon(): void {
    this.members ??= setTimeout(() => {
      this.members = undefined
      void this.loadParticipants()
    }, MEMBERS_DELAY_MS)
  }

  /** Events were missed: fill the gap, keeping the window; begin anew where that cannot be. */
  async refresh(): Promise<void> {
    await withChanges(this.ctx, (changes) => changes.refresh()).catch(() => this.loadMessages().catch(quiet))
  }

  /** Am I still in, may I come back? After being removed, or joined from elsewhere. */
  async reexamine(): Promise<void> {
    const { dialogId } = this
    if (!dialogId) return
    try {
      await this.fetchDialog(dialogId, this.requests.signal)
    } catch (thrown) {
      if (!isAborted(thrown) && this.dialogId === dialogId) this.closeDialog()
    }
  }

  /** A frame brought only the text: fetch the rest, several at once. */
  complete({ id }: Message): void {
    this.incomplete.push(id)
    this.completing ??= setTimeout(() => {
      this.completing = undefined
      withChanges(this.ctx, (changes) => changes.complete()).catch(quiet)
    }, COMPLETE_DELAY_MS)
  }

  /** Change an attachment wherever it is loaded. */
  patchAttachment(id: string, change: Partial<Attachment>): void {
    for (const message of this.timeline.messages) {
      if (!message.attachments?.some((a) => a.id === id)) continue
      this.timeline.patch(message.id, {
        attachments: message.attachments.map((a) => (a.id === id ? { ...a, ...change } : a)),
      })
    }
    this.publish()
  }

  /** Begin a new window with this page. */
  show(page: MessagesResponse): void {
    this.timeline.replace(page)
    this.changed()
  }

  /** A message changed: wherever it is shown. */
  amend(dialogId: string, id: string, change: Partial<Message>): void {
    this.timeline.patch(id, change)
    this.publish()
    this.ctx.replies.patch(id, change)
    if (change.content !== undefined) this.ctx.lists.patchPreview(dialogId, id, change.content)
  }

  /** A message is gone: from the window, as a quote and from its dialog's row. Returns it, if it was loaded. */
  erase(dialogId: string, id: string): Message | undefined {
    const { lists, replies, composing } = this.ctx
    const isOpen = this.dialogId === dialogId
    const removed = isOpen ? this.timeline.remove(id) : undefined
    if (isOpen) {
      this.publish()
      replies.set(id, null)
    }
    if (lists.find(dialogId)?.last_message?.id === id) {
      const last = isOpen && !this.timeline.hasMoreAfter && this.timeline.last
      lists.patch(dialogId, { last_message: last ? previewOf(last, composing.nameOf(last.sender_id)) : undefined })
    }
    return removed
  }

  /** Write the window into the state. */
  publish(): void {
    const { timeline, dialogId } = this
    const pending = dialogId && !timeline.hasMoreAfter ? this.ctx.composing.pending(dialogId) : []
    this.ctx.set({
      messages: pending.length ? [...timeline.messages, ...pending] : (timeline.messages as Message[]),
      hasMoreMessages: timeline.hasMoreBefore,
      hasMoreAfter: timeline.hasMoreAfter,
    })
  }

  private switchTo(id: string | undefined): void {
    const before = this.dialogId
    this.requests.abort()
    this.requests = new AbortController()
    clearTimeout(this.members)
    this.members = undefined
    this.incomplete = []
    if (before) this.ctx.client.unsubscribe(before)
    this.dialogId = id
    this.timeline.clear()
    this.ctx.set({ currentDialog: null, participants: [], firstUnreadMessageId: null, error: null })
    this.publish()
    const { reading, replies, composing } = this.ctx
    reading.switched(before)
    replies.clear()
    composing.publishDraft()
    this.ctx.publishTyping()
  }

  /** The window changed by loading. */
  changed(): void {
    this.publish()
    this.loaded()
  }

  /** The window or the members changed by loading. */
  private loaded(): void {
    const { reading, state } = this.ctx
    for (const { user_id, is_online } of state.participants) {
      if (is_online !== undefined) this.ctx.setOnline(user_id, is_online)
    }
    reading.learnFromParticipants()
    reading.look()
  }

  private async fetchDialog(id: string, signal: AbortSignal): Promise<DialogListItem> {
    const { epoch } = this.ctx.client
    const fetched = await this.ctx.api.getDialog(id, signal)
    const dialog: DialogListItem = { ...fetched, participants_count: fetched.participants_count ?? 0 }
    if (dialog.i_am_participant) this.ctx.catchUp.learn(id, dialog.seq, epoch)
    if (this.dialogId === id) this.ctx.set({ currentDialog: dialog })
    return dialog
  }

  /** One at a time in each direction: who asks again meanwhile waits for the same one. */
  private page(
    flag: 'isLoadingOlder' | 'isLoadingNewer',
    options: PaginationOptions,
    join: (page: MessagesResponse) => void,
    failed?: () => void,
  ): Promise<void> {
    const load = async () => {
      try {
        const page = await this.fetchPage(options)
        if (!page) return
        join(page)
        this.enableScrollCooldown()
      } catch (thrown) {
        if (isAborted(thrown)) return
        failed?.()
      }
      this.changed()
    }
    return (this.pages[flag] ??= this.ctx.during(flag, load).finally(() => delete this.pages[flag]))
  }

  /** A page of the open dialog, or undefined when another was opened meanwhile. */
  async fetchPage(options: PaginationOptions): Promise<MessagesResponse | undefined> {
    const { dialogId } = this
    const { signal } = this.requests
    if (!dialogId) return undefined
    const { epoch } = this.ctx.client
    const page = await this.ctx.api.getMessages(dialogId, { limit: MESSAGE_PAGE, ...options }, signal)
    if (signal.aborted) return undefined
    this.ctx.catchUp.learn(dialogId, page.seq, epoch)
    return page
  }
}

/**
 * Changes: what a reader decides about a dialog or a sent message, and looks up on demand. Fetched with the first of them.
 * Shown at once and taken back when the server refuses, where it can be.
 */
import type { MTChatError } from '../errors'
import type { DialogListItem, Message } from '../types'
import type { ChatActions } from './actions'
import type { ChatContext } from './context'
import { refreshTimeline } from './refreshTimeline'

/** Not that of context.ts, see later.ts. */
const quiet = () => undefined

/** Coming back without a replay: so many of the newest loaded messages are read again, and so many are asked for. */
const REFRESH_WINDOW = 200
const REFRESH_LIMIT = 500

/** The echo of one's own leaving may come so long after the answer, ms. */
const ECHO_MS = 5000

/** Joining and leaving, and what a member decides for himself: archive, pin, mute. */
function membership(ctx: ChatContext) {
  const { lists, conversation } = ctx
  const acting = (operation: () => Promise<void>) => ctx.attempt(() => ctx.during('isActing', operation))

  const toggle = (id: string, change: Partial<DialogListItem>, request: () => Promise<void>) => {
    const [name] = Object.keys(change) as (keyof DialogListItem)[]
    const before = { [name!]: lists.find(id)?.[name!] }
    lists.patch(id, change)
    return ctx.confirmed(request(), () => lists.patch(id, before))
  }

  return {
    joinDialog: (id, profile) =>
      acting(async () => {
        await ctx.api.joinDialog(id, profile)
        lists.patch(id, { i_am_participant: true, can_join: false })
        lists.refresh('participating')
        if (ctx.current(id)) await Promise.all([conversation.load(), conversation.reexamine()])
      }),
    leaveDialog: (id) =>
      acting(async () => {
        lists.leaving.add(id)
        try {
          await ctx.api.leaveDialog(id)
          lists.left(id)
          if (ctx.current(id)) conversation.closeDialog()
          ctx.lookForObject()
        } finally {
          setTimeout(() => lists.leaving.delete(id), ECHO_MS)
        }
      }),
    archiveDialog: (id) => {
      const done = toggle(id, { is_archived: true }, () => ctx.api.archiveDialog(id))
      if (ctx.current(id)) conversation.closeDialog()
      return done
    },
    unarchiveDialog: (id) => toggle(id, { is_archived: false }, () => ctx.api.unarchiveDialog(id)),
    pinDialog: (id) => toggle(id, { is_pinned: true }, () => ctx.api.pinDialog(id)),
    unpinDialog: (id) => toggle(id, { is_pinned: false }, () => ctx.api.unpinDialog(id)),
    toggleNotifications: (id) => {
      const notifications_enabled = lists.find(id)?.notifications_enabled === false
      return toggle(id, { notifications_enabled }, () => ctx.api.setDialogNotifications(id, notifications_enabled))
    },
  } satisfies Partial<ChatActions>
}

/** Of sent messages. `dialogId`: the dialog that was open when it was asked for. */
function messages(ctx: ChatContext, dialogId: string | undefined) {
  const { lists, conversation, composing, replies } = ctx
  const { timeline } = conversation
  return {
    editMessage: async (id, content) => {
      if (!dialogId) return undefined
      const before = timeline.get(id)
      if (composing.drafts.get(dialogId).editing?.id === id) composing.setDraft(dialogId, { editing: null })
      const amend = (change: Partial<Message>) => conversation.amend(dialogId, id, change)
      // Marked as edited by its own time, not by this computer's clock: the server's answer must look newer.
      if (before) amend({ content, last_edited_at: before.last_edited_at ?? before.sent_at })
      const message = await ctx.confirmed(ctx.api.editMessage(dialogId, id, content), () => {
        // Unless somebody changed it meanwhile: then there is nothing of ours to take back.
        const overtaken = timeline.get(id) && timeline.get(id)?.content !== content
        if (before && !overtaken) amend({ content: before.content, last_edited_at: before.last_edited_at })
      })
      amend({ content: message.content, last_edited_at: message.last_edited_at })
      return timeline.get(id) ?? message
    },
    deleteMessage: async (id) => {
      if (!dialogId) return
      const preview = lists.find(dialogId)?.last_message
      const message = conversation.erase(dialogId, id)
      await ctx.confirmed(ctx.api.deleteMessage(dialogId, id), () => {
        const replyMessagesCache = new Map(ctx.state.replyMessagesCache)
        if (replyMessagesCache.delete(id)) ctx.set({ replyMessagesCache })
        if (message && conversation.dialogId === dialogId) {
          timeline.put([message])
          conversation.publish()
        }
        if (preview?.id === id) lists.patch(dialogId, { last_message: preview })
      })
    },
    jumpToMessage: async (id) => {
      if (!timeline.get(id)) {
        await ctx
          .during('isJumpingToMessage', async () => {
            const page = await conversation.fetchPage({ around: id })
            if (page?.messages.some((m) => m.id === id)) conversation.show(page)
          })
          .catch(quiet)
        if (conversation.dialogId !== dialogId) return false
      }
      conversation.enableScrollCooldown()
      return timeline.get(id) !== undefined
    },
    fetchReplyMessage: (id) => {
      const known = replies.getReplyMessage(id)
      if (known !== undefined) return Promise.resolve(known)
      let request = replies.requests.get(id)
      if (!request) {
        request = fetchQuoted(ctx, dialogId, id).finally(() => replies.requests.delete(id))
        replies.requests.set(id, request)
      }
      return request
    },
    refreshAttachment: async (id) => {
      const urls = await ctx.api.getAttachmentUrl(id)
      const { url, thumbnail_url } = urls
      conversation.patchAttachment(id, thumbnail_url ? { url, thumbnail_url } : { url })
      return urls
    },
  } satisfies Partial<ChatActions>
}

/** What the open dialog missed. */
interface Missed {
  /** Events: read the end of the window again and fill the gap behind it, keeping the window. */
  refresh(): Promise<void>
  /** What frames of an older server lack: attachments and quotes. */
  complete(): Promise<void>
}

/** `dialogId`: as above. */
function missed(ctx: ChatContext, dialogId: string | undefined): Missed {
  const { conversation } = ctx
  const { timeline } = conversation
  return {
    refresh: async () => {
      const current = ctx.current(dialogId)
      if (!current || current.i_am_participant === false) return
      const { messages } = timeline
      const anchor = messages[Math.max(0, messages.length - REFRESH_WINDOW)]
      if (!anchor) return conversation.load().catch(quiet)
      const members = conversation.loadParticipants()
      try {
        const page = await conversation.fetchPage({ after: anchor.id, limit: REFRESH_LIMIT })
        if (page) {
          refreshTimeline(timeline, anchor.id, page)
          conversation.changed()
        }
      } catch (thrown) {
        ctx.failed(thrown)
      }
      await members
    },
    complete: async () => {
      const [first, ...others] = conversation.incomplete
      conversation.incomplete = []
      if (!first) return
      // `around` gives half before and half from its target on, on every server; a single message has no attachments on old ones.
      const page = await conversation.fetchPage({ around: first, limit: 2 * others.length + 2 })
      for (const full of page?.messages ?? []) if (timeline.get(full.id)) timeline.receive(full)
      conversation.publish()
    },
  }
}

async function fetchQuoted({ api, conversation, replies }: ChatContext, dialogId: string | undefined, id: string) {
  if (!dialogId) return null
  try {
    const message = await api.getMessage(dialogId, id)
    if (conversation.dialogId === dialogId) replies.set(id, message)
    return message
  } catch (error) {
    // Only "not there" is an answer; after a failure of the network the next look asks again.
    const { status } = error as Partial<MTChatError>
    if ((status === 404 || status === 403) && conversation.dialogId === dialogId) replies.set(id, null)
    return null
  }
}

export const changes = (ctx: ChatContext, dialogId: string | undefined) => ({
  ...membership(ctx),
  ...messages(ctx, dialogId),
  ...missed(ctx, dialogId),
})

/** Membership: joining and leaving, and what a member decides for himself: archive, pin, mute. */
import type { DialogListItem, JoinDialogRequest } from '../types'
import type { ChatContext } from './context'

/** The echo of one's own leaving may come so long after the answer, ms. */
const ECHO_MS = 5000

export class Membership {
  /** Dialogs being left from here: their `participant.left` is no news. */
  readonly leaving = new Set<string>()

  constructor(private readonly ctx: ChatContext) {}

  joinDialog(id: string, profile: JoinDialogRequest): Promise<void> {
    return this.acting(async () => {
      await this.ctx.api.joinDialog(id, profile)
      this.ctx.lists.patch(id, { i_am_participant: true, can_join: false })
      this.ctx.lists.refresh('participating')
      if (this.ctx.current(id)) await Promise.all([this.ctx.conversation.load(), this.ctx.conversation.reexamine()])
    })
  }

  leaveDialog(id: string): Promise<void> {
    return this.acting(async () => {
      this.leaving.add(id)
      try {
        await this.ctx.api.leaveDialog(id)
        this.left(id)
        if (this.ctx.current(id)) this.ctx.conversation.closeDialog()
        this.ctx.lookForObject()
      } finally {
        setTimeout(() => this.leaving.delete(id), ECHO_MS)
      }
    })
  }

  /** We are out of this dialog, by whatever way. */
  left(id: string): void {
    this.ctx.catchUp.forget(id)
    this.ctx.lists.remove(id)
    this.ctx.lists.refresh('available')
  }

  archiveDialog(id: string): Promise<void> {
    const done = this.toggle(id, { is_archived: true }, () => this.ctx.api.archiveDialog(id))
    if (this.ctx.current(id)) this.ctx.conversation.closeDialog()
    return done
  }

  unarchiveDialog(id: string): Promise<void> {
    return this.toggle(id, { is_archived: false }, () => this.ctx.api.unarchiveDialog(id))
  }

  pinDialog(id: string): Promise<void> {
    return this.toggle(id, { is_pinned: true }, () => this.ctx.api.pinDialog(id))
  }

  unpinDialog(id: string): Promise<void> {
    return this.toggle(id, { is_pinned: false }, () => this.ctx.api.unpinDialog(id))
  }

  toggleNotifications(id: string): Promise<void> {
    const notifications_enabled = this.ctx.lists.find(id)?.notifications_enabled === false
    return this.toggle(id, { notifications_enabled }, () =>
      this.ctx.api.setDialogNotifications(id, notifications_enabled),
    )
  }

  /** Shown at once, taken back when the server refuses. */
  private toggle(id: string, change: Partial<DialogListItem>, request: () => Promise<void>): Promise<void> {
    const [name] = Object.keys(change) as (keyof DialogListItem)[]
    const before = { [name!]: this.ctx.lists.find(id)?.[name!] }
    this.ctx.lists.patch(id, change)
    return this.ctx.confirmed(request(), () => this.ctx.lists.patch(id, before))
  }

  private acting(operation: () => Promise<void>): Promise<void> {
    return this.ctx.attempt(() => this.ctx.during('isActing', operation))
  }
}

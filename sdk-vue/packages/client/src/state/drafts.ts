/** Drafts: what is typed but not sent, per dialog. Owns text, reply target and edit target; knows no server. */
import type { Message } from '../types'

export interface Draft {
  /** HTML as the editor produced it; '' when nothing is typed. */
  readonly content: string
  readonly replyTo: Message | null
  readonly editing: Message | null
}

/** Where texts survive a reload: localStorage fits. */
export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const EMPTY: Draft = Object.freeze({ content: '', replyTo: null, editing: null })
const KEY = 'mtchat.drafts'
const WRITE_DELAY_MS = 400

const isEmpty = (draft: Draft) => !draft.content && !draft.replyTo && !draft.editing

export class Drafts {
  private readonly byDialog = new Map<string, Draft>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private storageKey = KEY

  constructor(private readonly storage?: DraftStorage) {}

  /** Forget everything and read the texts of this user. */
  open(userId: string): void {
    this.flush()
    this.byDialog.clear()
    this.storageKey = `${KEY}.${userId}`
    for (const [id, content] of Object.entries(this.read())) this.byDialog.set(id, { ...EMPTY, content })
  }

  get(dialogId: string | undefined): Draft {
    return (dialogId && this.byDialog.get(dialogId)) || EMPTY
  }

  /** Change parts of a dialog's draft. */
  set(dialogId: string, change: Partial<Draft>): void {
    const draft = { ...this.get(dialogId), ...change }
    if (isEmpty(draft)) this.byDialog.delete(dialogId)
    else this.byDialog.set(dialogId, draft)
    if (this.storage && change.content !== undefined) this.timer ??= setTimeout(() => this.flush(), WRITE_DELAY_MS)
  }

  /** Ids of dialogs with a text that is not an edit of a sent message. */
  ids(): ReadonlySet<string> {
    return new Set([...this.byDialog].filter(([, draft]) => draft.content && !draft.editing).map(([id]) => id))
  }

  /** Write the texts now. */
  flush(): void {
    if (this.timer === undefined) return
    clearTimeout(this.timer)
    this.timer = undefined
    const texts = [...this.ids()].map((id) => [id, this.get(id).content])
    try {
      if (texts.length) this.storage?.setItem(this.storageKey, JSON.stringify(Object.fromEntries(texts)))
      else this.storage?.removeItem(this.storageKey)
    } catch {
      // A full or forbidden storage costs the drafts a reload, nothing else.
    }
  }

  private read(): Record<string, string> {
    try {
      return JSON.parse(this.storage?.getItem(this.storageKey) ?? '{}') as Record<string, string>
    } catch {
      return {}
    }
  }
}

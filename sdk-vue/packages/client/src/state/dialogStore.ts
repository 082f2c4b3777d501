/**
 * DialogStore: every dialog of the lists, once. What a dialog says of itself decides which list it is in, so changing
 * a field is all it takes to move it. Pure: knows no server.
 */
import type { DialogListItem } from '../types'
import type { DialogListKind } from './chatState'

const activity = (dialog: DialogListItem) => dialog.last_message_at ?? dialog.created_at

const kindOf = (dialog: DialogListItem): DialogListKind =>
  dialog.i_am_participant === false ? 'available' : dialog.is_archived ? 'archived' : 'participating'

/** What a list knows of its dialogs even if an older server does not say it. */
const impliedBy: Record<DialogListKind, Partial<DialogListItem>> = {
  participating: {},
  archived: { is_archived: true },
  available: { i_am_participant: false },
}

/** Pinned first, then the newest activity; ids decide ties so that rows do not swap. */
export function compareDialogs(a: DialogListItem, b: DialogListItem): number {
  const pinned = Number(b.is_pinned ?? 0) - Number(a.is_pinned ?? 0)
  const [x, y] = [activity(a), activity(b)]
  // Texts decide within a millisecond: the wire carries microseconds, Date does not.
  return pinned || Date.parse(y) - Date.parse(x) || (x < y || (x === y && a.id < b.id) ? 1 : -1)
}

export class DialogStore {
  private readonly items = new Map<string, DialogListItem>()
  private readonly shown: Partial<Record<DialogListKind, DialogListItem[]>> = {}

  get(id: string): DialogListItem | undefined {
    return this.items.get(id)
  }

  /** Known dialogs are updated, new ones join. */
  put(dialogs: DialogListItem[], kind: DialogListKind): void {
    for (const dialog of dialogs) this.items.set(dialog.id, { ...this.get(dialog.id), ...impliedBy[kind], ...dialog })
  }

  patch(id: string, change: Partial<DialogListItem>): void {
    const dialog = this.get(id)
    if (dialog) this.items.set(id, { ...dialog, ...change })
  }

  remove(id: string): void {
    this.items.delete(id)
  }

  /** Forget a list, or all. */
  clear(kind?: DialogListKind): void {
    for (const dialog of this.items.values()) if (!kind || kindOf(dialog) === kind) this.remove(dialog.id)
  }

  /** A list, sorted; the same array as long as nothing in it changes. */
  list(kind: DialogListKind): DialogListItem[] {
    const now = [...this.items.values()].filter((dialog) => kindOf(dialog) === kind).sort(compareDialogs)
    const before = this.shown[kind]
    const same = before?.length === now.length && now.every((dialog, i) => dialog === before[i])
    return same ? before : (this.shown[kind] = now)
  }
}

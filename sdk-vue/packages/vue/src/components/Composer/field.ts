/** What the composer and its field say to each other, whether the field is the plain or the rich one. */
export interface FieldExpose {
  focus(): void
  /** Replaces what is written; the cursor goes to the end. */
  setHtml(html: string): void
}

export interface Selection {
  start: number
  end: number
}

export interface FieldEmits {
  /** What is written, as message HTML; '' for nothing. */
  update: [html: string]
  submit: []
  escape: []
  /** Arrow up in an empty field. */
  'edit-last': []
  files: [files: File[]]
}

/** Formatting that a plain field cannot show. */
export function needsRichField(html: string): boolean {
  return /<(?!\/?p>)/.test(html)
}

/** Message HTML without the empty paragraphs around it; '' when nothing is written. */
export function trimHtml(html: string): string {
  const blank = '(?:<p>(?:\\s|&nbsp;|<br>)*</p>)+'
  return html.replace(new RegExp(`^${blank}|${blank}$`, 'g'), '').trim()
}

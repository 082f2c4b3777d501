/**
 * Every text of the interface, by key. A locale is an object of this type; a host replaces any part of it.
 * A `Plural` holds one text per category of `Intl.PluralRules`, chosen by the parameter `count`.
 */
export type Plural = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>

type Texts<Key extends string> = Record<Key, string>
type Plurals<Key extends string> = Record<Key, Plural>

export interface TranslationStrings {
  tabs: Texts<'myChats' | 'available' | 'label'>
  status: Texts<'connected' | 'disconnected' | 'connecting' | 'online' | 'offline'>
  actions: Texts<'reply' | 'edit' | 'delete' | 'copy' | 'copied' | 'more' | 'retry' | 'discard' | 'readers'>
  buttons: Texts<
    | 'join'
    | 'send'
    | 'cancel'
    | 'leaveChat'
    | 'info'
    | 'archive'
    | 'unarchive'
    | 'pin'
    | 'unpin'
    | 'muteNotifications'
    | 'unmuteNotifications'
    | 'save'
    | 'apply'
    | 'retry'
    | 'leave'
    | 'delete'
    | 'undo'
  >
  chat: Texts<
    | 'canJoin'
    | 'noActiveChats'
    | 'noActiveChatsHint'
    | 'noAvailableChats'
    | 'noAvailableChatsHint'
    | 'noMessages'
    | 'noMessagesHint'
    | 'selectChat'
    | 'selectChatHint'
    | 'noChatForObject'
    | 'noChatForObjectHint'
    | 'newMessages'
    | 'messageDeleted'
    | 'messageLoading'
    | 'joinToSend'
    | 'joinRequired'
    | 'joinNotAllowed'
    | 'archived'
    | 'archivedNotice'
    | 'edited'
    | 'editing'
    | 'replyingTo'
    | 'deleteConfirm'
    | 'deleteTitle'
    | 'leaveConfirm'
    | 'leaveTitle'
    | 'loadingOlder'
    | 'loadingNewer'
    | 'loading'
    | 'loadFailed'
    | 'draft'
    | 'sending'
    | 'sent'
    | 'read'
    | 'failed'
    | 'typingOne'
    | 'typingTwo'
    | 'backToReply'
    | 'quote'
    | 'untitled'
    | 'attachment'
  > &
    Plurals<'participants' | 'unread' | 'newCount' | 'files' | 'typingMany'>
  /** Signs between the items of a list, and after the name of who says something. */
  punctuation: Texts<'comma' | 'colon'>
  system: Texts<'chatCreated' | 'participantJoined' | 'participantLeft'>
  input: Texts<
    | 'placeholder'
    | 'attachFiles'
    | 'showFormatting'
    | 'hideFormatting'
    | 'dropFiles'
    | 'mentions'
    | 'removeFile'
    | 'retryFile'
    | 'uploading'
    | 'uploaded'
    | 'notUploaded'
    | 'fileTooLarge'
    | 'fileEmpty'
    | 'fileTypeRefused'
    | 'uploadFailed'
    | 'linkAddress'
    | 'removeLink'
    | 'cancelReply'
    | 'cancelEdit'
    | 'unnamed'
  > &
    Plurals<'tooManyFiles' | 'charactersLeft' | 'tooLong'>
  search: Texts<'placeholder' | 'noResults' | 'noResultsHint' | 'clear'>
  tooltips: Texts<
    | 'chatInfo'
    | 'menu'
    | 'reply'
    | 'scrollDown'
    | 'close'
    | 'back'
    | 'muted'
    | 'openObject'
    | 'pinned'
    | 'resizeList'
    | 'resizeInfo'
    | 'messageActions'
    | 'chatActions'
  >
  formatting: Texts<
    | 'bold'
    | 'italic'
    | 'underline'
    | 'strikethrough'
    | 'link'
    | 'bulletList'
    | 'numberedList'
    | 'quote'
    | 'inlineCode'
    | 'codeBlock'
    | 'clearFormatting'
    | 'toolbar'
    | 'more'
  >
  dates: Texts<'today' | 'yesterday'>
  user: Texts<'you' | 'youBadge' | 'creator' | 'anonymous' | 'defaultName'>
  infoPanel: Texts<'title' | 'participants' | 'openObject'> & { objectTypes: Texts<'tender' | 'order' | 'route'> }
  joinDialog: Texts<'title' | 'displayName' | 'company' | 'showContacts' | 'joining' | 'failed'>
  fileViewer: Texts<
    | 'loading'
    | 'loadingPdf'
    | 'failedToLoad'
    | 'page'
    | 'zoomIn'
    | 'zoomOut'
    | 'resetZoom'
    | 'download'
    | 'previous'
    | 'next'
    | 'close'
    | 'title'
    | 'pages'
    | 'openImage'
    | 'openFile'
    | 'downloadFile'
    | 'noPreview'
  > &
    Plurals<'pageCount'> & {
      fileTypes: Texts<
        | 'word'
        | 'excel'
        | 'powerpoint'
        | 'zip'
        | 'rar'
        | 'sevenZip'
        | 'gzip'
        | 'text'
        | 'csv'
        | 'json'
        | 'xml'
        | 'video'
        | 'audio'
        | 'file'
      >
    }
  shortcuts: Texts<'title' | 'send' | 'newLine' | 'editLast' | 'move' | 'cancel' | 'search' | 'help'>
  readReceipts: Texts<'read' | 'readBy' | 'nobody'> & Plurals<'andMore'>
  errors: Texts<'network' | 'forbidden' | 'tooMany' | 'unauthorized' | 'generic'>
  announce: Texts<'messageFrom' | 'messages' | 'dialogs' | 'connectionLost' | 'connectionBack'>
}

/** A part of a table of texts, nested as the table is. */
export type PartialMessages<T = TranslationStrings> = {
  [Key in keyof T]?: T[Key] extends string ? string : PartialMessages<T[Key]>
}

/**
 * The surface a host of the original relies on, name by name (P8). A name that goes missing here breaks somebody's page.
 * The shapes of types are held in surface.test-d.ts.
 */
import type { Component } from 'vue'
import { effectScope } from 'vue'
import { describe, expect, test } from 'vitest'
import * as client from '../../src/client'
import * as headless from '../../src/headless'
import { laterPaths } from '../../src/icons/laterPaths'
import { startPaths } from '../../src/icons/paths'
import * as everything from '../../src/index'

const names = (text: string) => text.trim().split(/\s+/)
const missing = (wanted: string, present: object) => names(wanted).filter((name) => !(name in present))

const CONFIG = {
  baseUrl: 'http://chat.test',
  userId: 'anna',
  scopeConfig: { scopeLevel0: ['north'], scopeLevel1: [], scopeLevel2: [] },
  userProfile: { displayName: 'Anna', company: 'North' },
}

const CLASSES = 'MTChatClient MTChatApi MTChatWebSocket'
const UTILITIES = 'getAttachmentType isAllowedFileType isValidFileSize formatFileSize ATTACHMENT_LIMITS getFileIconName'
const EXPORTS = {
  components: 'MTChat FileViewer Icon',
  classes: CLASSES,
  registry: 'provideRegistry useRegistry REGISTRY_KEY defaultRegistry useRegistryComponent',
  primitives: `MtButton MtDialog MtMenu MtContextMenu MtInput MtCheckbox MtRadioButton MtTabs MtTab MtAccordion
    MtAccordionPanel MtTag MtSpinner vTooltip`,
  composables: 'useChat useFileUpload useI18n provideI18n translations',
  utilities: UTILITIES,
}

describe('entries', () => {
  test.each(Object.entries(EXPORTS))('the main entry exports the %s', (_, wanted) => {
    expect(missing(wanted, everything)).toEqual([])
  })

  test('the headless entry has composables, classes and utilities, and no component', () => {
    expect(missing(`useChat useFileUpload ${CLASSES} ${UTILITIES}`, headless)).toEqual([])
    expect(Object.keys(headless)).not.toContain('MTChat')
  })

  test('the client entry has classes and utilities, and no composable', () => {
    expect(missing(`${CLASSES} ${UTILITIES} MTChatError`, client)).toEqual([])
    expect(Object.keys(client)).not.toContain('useChat')
  })
})

describe('classes', () => {
  const { MTChatApi, MTChatClient, MTChatWebSocket } = everything

  test('MTChatClient', () => {
    const members = `api userId isConnected connect disconnect subscribe unsubscribe on off sendMessage joinDialog leaveDialog`
    expect(missing(members, new MTChatClient(CONFIG))).toEqual([])
  })

  test('MTChatApi', () => {
    const members = `healthCheck getDialogs getParticipatingDialogs getAvailableDialogs getDialog getDialogByObject
      getDialogsByObject joinDialog leaveDialog archiveDialog unarchiveDialog pinDialog unpinDialog
      setDialogNotifications getParticipants getMessages getMessage sendMessage editMessage deleteMessage markAsRead
      getPresignedUploadUrl getAttachmentUrl uploadFile`
    expect(missing(members, new MTChatApi('http://chat.test', 'anna', CONFIG.scopeConfig, 'token'))).toEqual([])
  })

  test('MTChatWebSocket', () => {
    const socket = new MTChatWebSocket({ url: 'ws://chat.test', userId: 'anna' })
    expect(missing('connect disconnect send subscribe unsubscribe ping isConnected', socket)).toEqual([])
  })
})

describe('composables', () => {
  test('useChat returns the 61 members of the original', () => {
    const state = `messages participatingDialogs availableDialogs archivedDialogs participants currentDialog
      isConnected isLoading isLoadingDialogs isLoadingMessages error firstUnreadMessageId replyToMessage editingMessage
      searchQuery onlineUsers replyMessagesCache hasMoreMessages hasMoreAfter isLoadingOlder isLoadingNewer
      isJumpingToMessage jumpCooldown`
    const methods = `connect disconnect subscribe unsubscribe loadDialogs loadParticipatingDialogs loadAvailableDialogs
      loadArchivedDialogs loadDialogsByObject loadArchivedDialogsByObject loadDialogByObject setSearchQuery selectDialog
      joinDialog leaveDialog archiveDialog unarchiveDialog pinDialog unpinDialog toggleNotifications loadMessages
      loadOlderMessages loadNewerMessages resetToLatest jumpToMessage enableScrollCooldown sendMessage editMessage
      deleteMessage markAsRead setReplyTo clearReplyTo setEditMessage clearEditMessage getReplyMessage
      fetchReplyMessage isUserOnline`
    expect(names(`${state} api ${methods}`)).toHaveLength(61)
    const scope = effectScope()
    const chat = scope.run(() => everything.useChat({ config: CONFIG, autoConnect: false }))!
    scope.stop()
    expect(missing(`${state} api ${methods}`, chat)).toEqual([])
    for (const name of names(state))
      expect([name, chat[name as keyof typeof chat]]).toEqual([
        name,
        expect.objectContaining({ value: expect.toSatisfy(() => true) }),
      ])
    for (const name of names(methods))
      expect([name, typeof chat[name as keyof typeof chat]]).toEqual([name, 'function'])
  })

  test('useFileUpload has its members and the aliases of the documentation', () => {
    const members = `pendingAttachments isUploading isReady hasUploaded addFiles removeAttachment getUploadedAttachments
      clearAll retryUpload pendingFiles uploadAll removeFile retryFile`
    expect(missing(members, everything.useFileUpload({ dialogId: 'd', config: CONFIG }))).toEqual([])
  })
})

/** What a component declares; a single-file one may hold its emits as a list. */
function declared(component: Component) {
  const { props = {}, emits = [] } = component as { props?: object; emits?: string[] | object }
  return {
    props: Object.fromEntries(Object.keys(props).map((name) => [name, true])),
    emits: Object.fromEntries((Array.isArray(emits) ? emits : Object.keys(emits)).map((name) => [name, true])),
  }
}

describe('components', () => {
  const CONTRACTS: Record<string, [props: string, emits: string]> = {
    MTChat: [
      `config mode objectId objectType dialogId showHeader showSidebar showTabs showSearch searchPlaceholder
        showContextMenu shortcuts theme token interceptObjectNavigation`,
      'connected disconnected error message-sent dialog-selected dialog-joined dialog-left object-navigate',
    ],
    FileViewer: ['show files initialIndex', 'close'],
    Icon: ['name size', ''],
    MtButton: ['variant size disabled loading type icon title', ''],
    MtDialog: ['visible header modal closable maxWidth draggable theme', 'update:visible close'],
    MtMenu: ['items popup theme', 'select hide'],
    MtContextMenu: ['items theme', 'select hide'],
    MtInput: [
      'modelValue placeholder type disabled invalid clearable size',
      'update:modelValue clear focus blur keydown',
    ],
    MtCheckbox: ['modelValue label disabled name', 'update:modelValue'],
    MtRadioButton: ['modelValue value label disabled name', 'update:modelValue'],
    MtTabs: ['modelValue', 'update:modelValue'],
    MtTab: ['value label badge disabled', ''],
    MtAccordion: ['modelValue multiple', 'update:modelValue'],
    MtAccordionPanel: ['value header disabled', ''],
    MtTag: ['value', ''],
    MtSpinner: ['size label', ''],
  }

  test.each(Object.entries(CONTRACTS))('%s', (name, [props, emits]) => {
    const has = declared(everything[name as keyof typeof everything] as Component)
    expect(missing(props, has.props)).toEqual([])
    expect(emits && missing(emits, has.emits)).toEqual(emits && [])
  })

  test('Icon draws every name of the original', () => {
    const drawn = `close pin unpin bell bell-off bold italic underline strikethrough chevron-right chevron-left
      chevron-down archive external-link more-vertical more-horizontal info logout lock reply edit check zoom-out
      zoom-in reset download email phone link list-bullet list-numbered quote code code-block attach send error
      clear-formatting file file-document file-spreadsheet file-archive file-video file-audio file-pdf image table print`
    expect(missing(drawn, { ...startPaths, ...laterPaths })).toEqual([])
  })

  test('ATTACHMENT_LIMITS are those of the original', () => {
    const { ATTACHMENT_LIMITS } = everything
    expect(ATTACHMENT_LIMITS).toMatchObject({ MAX_FILE_SIZE: 104_857_600, MAX_ATTACHMENTS_PER_MESSAGE: 10 })
    expect(ATTACHMENT_LIMITS.ALLOWED_TYPES).toHaveLength(38)
  })
})

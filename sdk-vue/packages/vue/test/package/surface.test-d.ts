/**
 * Code as hosts of the original write it, in the form of its documentation and in the form of its sources. Compiled by
 * `npm run typecheck`: what does not compile here breaks somebody's build.
 */
import { h, ref, type Component, type Ref } from 'vue'
import {
  FileViewer,
  Icon,
  MTChat,
  MTChatApi,
  MTChatClient,
  MTChatWebSocket,
  provideRegistry,
  useChat,
  useFileUpload,
  useI18n,
  useRegistry,
  vTooltip,
} from '../../src/index'
import type {
  ApiResponse,
  Attachment,
  AttachmentInput,
  AttachmentType,
  ChatMode,
  ComponentRegistry,
  Dialog,
  DialogAccessScope,
  DialogListItem,
  DialogListType,
  DialogParticipant,
  IconName,
  JoinDialogRequest,
  LastMessage,
  Locale,
  Message,
  MessagesResponse,
  MessageType,
  MtAccordionEmits,
  MtAccordionPanelProps,
  MtAccordionProps,
  MtButtonProps,
  MtButtonSize,
  MtButtonVariant,
  MTChatConfig,
  MTChatProps,
  MtCheckboxEmits,
  MtCheckboxProps,
  MtContextMenuEmits,
  MtContextMenuExpose,
  MtContextMenuProps,
  MtDialogEmits,
  MtDialogProps,
  MtInputEmits,
  MtInputExpose,
  MtInputProps,
  MtMenuEmits,
  MtMenuExpose,
  MtMenuItem,
  MtMenuProps,
  MtRadioButtonEmits,
  MtRadioButtonProps,
  MtSpinnerProps,
  MtTabProps,
  MtTabsEmits,
  MtTabsProps,
  MtTagProps,
  MtTooltipOptions,
  ObjectNavigateEvent,
  PaginationOptions,
  PartialRegistry,
  ParticipantProfile,
  ParticipantSummary,
  PendingAttachment,
  PresignUploadResponse,
  ScopeConfig,
  SystemMessageContent,
  SystemMessageEvent,
  TranslationStrings,
  UseChatOptions,
  UseChatReturn,
  UseFileUploadOptions,
  UseFileUploadReturn,
  UserProfile,
  WsClientMessage,
  WsClientMessageType,
  WsClientOptions,
  WsEvent,
  WsEventHandler,
  WsEventPayload,
  WsEventType,
} from '../../src/index'

/** The first may stand where the second is wanted. Both ways: a host's value fits ours, and ours a host's variable. */
const same = <One extends Other, Other>(_: [One, Other] | void) => undefined

interface TheirDialog {
  id: string
  object_id: string
  object_type: string
  created_at: string
  title?: string
  object_url?: string
  created_by?: string
  meta?: Record<string, unknown>
  i_am_participant?: boolean
  can_join?: boolean
  participants_count?: number
  participants?: { user_id: string; display_name?: string; company?: string }[]
}

interface TheirListItem extends TheirDialog {
  participants_count: number
  unread_count?: number
  is_archived?: boolean
  is_pinned?: boolean
  notifications_enabled?: boolean
  last_message_at?: string
  last_message?: {
    id: string
    content: string
    sender_id?: string
    sender_name?: string
    sent_at: string
    message_type: 'user' | 'system'
  }
}

interface TheirParticipant {
  dialog_id: string
  user_id: string
  joined_at: string
  joined_as: 'creator' | 'participant' | 'joined'
  notifications_enabled: boolean
  last_read_message_id?: string
  unread_count: number
  display_name?: string
  company?: string
  email?: string
  phone?: string
  is_online?: boolean
}

interface TheirAttachment {
  id: string
  filename: string
  content_type: string
  size: number
  width?: number
  height?: number
  url: string
  thumbnail_url?: string
}

interface TheirMessage {
  id: string
  dialog_id: string
  content: string
  sent_at: string
  sender_id: string | null
  last_edited_at?: string
  reply_to_id?: string
  attachments?: TheirAttachment[]
  message_type?: 'user' | 'system'
}

interface TheirPending {
  id: string
  file: File
  filename: string
  contentType: string
  size: number
  progress: number
  status: 'pending' | 'uploading' | 'uploaded' | 'error'
  s3Key?: string
  previewUrl?: string
  error?: string
}

same<Dialog, TheirDialog>()
same<TheirDialog, Dialog>()
same<DialogListItem, TheirListItem>()
same<TheirListItem, DialogListItem>()
same<DialogParticipant, TheirParticipant>()
same<TheirParticipant, DialogParticipant>()
same<Message, TheirMessage>()
same<TheirMessage, Message>()
same<Attachment, TheirAttachment>()
same<TheirAttachment, Attachment>()
same<PendingAttachment, TheirPending>()
same<TheirPending, PendingAttachment>()
same<AttachmentInput, { s3_key: string; filename: string; content_type: string; size: number }>()
same<{ s3_key: string; filename: string; content_type: string; size: number }, AttachmentInput>()
same<JoinDialogRequest, { display_name: string; company: string; email?: string; phone?: string }>()
same<UserProfile, { displayName: string; company: string; email?: string; phone?: string }>()
same<PresignUploadResponse, { upload_url: string; s3_key: string; expires_in: number }>()
same<
  MessagesResponse,
  { messages: TheirMessage[]; first_unread_message_id?: string; has_more_before?: boolean; has_more_after?: boolean }
>()
same<PaginationOptions, { limit?: number; before?: string; after?: string; around?: string }>()
same<ApiResponse<number>, { data: number }>()
same<ObjectNavigateEvent, { dialog: DialogListItem; originalEvent: MouseEvent }>()
same<ScopeConfig, { scopeLevel0: string[]; scopeLevel1: string[]; scopeLevel2: string[] }>()
same<'image' | 'pdf' | 'file', AttachmentType>()
same<'full' | 'inline', ChatMode>()
same<'ru' | 'en' | 'zh', Locale>()
same<'participating' | 'available', DialogListType>()
same<
  | 'connected'
  | 'disconnected'
  | 'message.new'
  | 'message.read'
  | 'message.edited'
  | 'message.deleted'
  | 'participant.joined'
  | 'participant.left'
  | 'dialog.archived'
  | 'dialog.unarchived'
  | 'presence.update'
  | 'typing'
  | 'pong'
  | 'error',
  WsEventType
>()
same<'subscribe' | 'unsubscribe' | 'ping', WsClientMessageType>()

const config: MTChatConfig = {
  baseUrl: 'https://chat.example',
  userId: 'anna',
  scopeConfig: { scopeLevel0: ['north'], scopeLevel1: [], scopeLevel2: [] },
  userProfile: { displayName: 'Anna', company: 'North' },
  token: 'secret',
  wsUrl: 'wss://chat.example/api/v1/ws',
  locale: 'en',
  reconnect: true,
  reconnectInterval: 3000,
  heartbeatInterval: 30_000,
  onConnect: () => undefined,
  onDisconnect: () => undefined,
  onError: (error: Error) => void error.message,
  onMessage: (event: WsEvent) => void event.type,
}

/** Inside a component, as the documentation shows it: plain values. */
export async function documented(file: File): Promise<void> {
  const chat = useChat({ config, mode: 'inline', objectId: 'S/7', objectType: 'shipment' })
  await chat.loadDialogs()
  const titles: (string | undefined)[] = chat.participatingDialogs.value.map((dialog) => dialog.title)
  await chat.selectDialog(titles[0] ?? '')
  const sent: Message | undefined = await chat.sendMessage('<p>hello</p>')
  if (sent) await chat.markAsRead(sent.id)
  const online: boolean = chat.isUserOnline('boris')
  chat.searchQuery.value = online ? 'a' : 'b'

  const upload = useFileUpload({ config, dialogId: 'd' })
  await upload.addFiles([file])
  await upload.uploadAll()
  const first: PendingAttachment | undefined = upload.pendingFiles.value[0]
  if (first?.status === 'error') await upload.retryFile(first.id)
  else if (first) upload.removeFile(first.id)
}

/** As the sources of the original want it: refs. */
export function fromSources(): UseChatReturn {
  const options: UseChatOptions = {
    config: ref(config),
    autoConnect: false,
    mode: 'full',
    dialogId: ref<string | undefined>(),
    objectId: ref<string | undefined>(),
    objectType: ref<string | undefined>(),
  }
  const chat = useChat(options)
  const messages: Ref<Message[]> = chat.messages
  const onError: UseFileUploadOptions['onError'] = (message: string) => void message
  const uploads: UseFileUploadReturn = useFileUpload({
    dialogId: ref(messages.value[0]?.dialog_id),
    api: chat.api,
    onError,
  })
  void chat.sendMessage('', uploads.getUploadedAttachments())
  const quoted: Message | null | undefined = chat.getReplyMessage('m')
  if (quoted) chat.setReplyTo(quoted)
  return chat
}

export async function client(): Promise<void> {
  const client = new MTChatClient(config)
  const off: () => void = client.on('message.new', (event: WsEvent) => void event.payload?.message?.content)
  const handler: WsEventHandler = ({ type }) => void type
  client.on('*', handler)
  client.off('*', handler)
  client.connect()
  client.subscribe('d')
  const dialogs: DialogListItem[] = await client.api.getParticipatingDialogs('search', false)
  const dialog: Dialog = await client.api.getDialog(dialogs[0]?.id ?? '', new AbortController().signal)
  await client.joinDialog(dialog.id, { display_name: 'Anna', company: 'North' })
  const page = await client.api.getMessages(dialog.id, { limit: 20, before: 'm' })
  const sent = await client.api.sendMessage(dialog.id, 'hi', { replyTo: page.messages[0]?.id, attachments: [] })
  await client.api.editMessage(dialog.id, sent.id, 'ho')
  await client.api.getDialogsByObject({
    objectType: 'shipment',
    objectId: 'S/7',
    archived: true,
    type: 'participating',
  })
  const { expires_in, url } = await client.api.getAttachmentUrl('a')
  await client.api.uploadFile(url, new File([], 'a'), (percent: number) => void (percent + expires_in))
  await client.leaveDialog(dialog.id)
  off()
  client.disconnect()

  const api = new MTChatApi(config.baseUrl, config.userId, config.scopeConfig, config.token)
  const { version }: { status: string; version: string } = await api.healthCheck()
  const options: WsClientOptions = { url: `wss://chat.example/${version}`, userId: 'anna', token: 't', reconnect: true }
  const frame: WsClientMessage = { type: 'ping' }
  new MTChatWebSocket(options).send(frame)
}

/** A kit of the host's own. */
export function registry(MyButton: Component): ComponentRegistry {
  const mine: PartialRegistry = { MtButton: MyButton, vTooltip }
  provideRegistry(mine)
  const { t, tt, formatTime } = useI18n()
  void [t.value.buttons.send, tt('chat.participants', { count: 2 }), formatTime('2031-04-05T06:00:00Z')]
  return useRegistry()
}

export function render(): unknown {
  const props: MTChatProps = { config, mode: 'full', showTabs: false, theme: 'mine', interceptObjectNavigation: true }
  const listeners = {
    onConnected: () => undefined,
    onError: (error: Error) => void error,
    onMessageSent: (message: Message) => void message,
    onDialogSelected: (dialog: DialogListItem) => void dialog,
    onDialogJoined: (dialogId: string) => void dialogId,
    onObjectNavigate: ({ dialog, originalEvent }: ObjectNavigateEvent) => originalEvent.preventDefault() ?? dialog,
  }
  const icon: IconName = 'file-pdf'
  return [
    h(MTChat, { ...props, ...listeners }),
    h(FileViewer, { show: true, files: [], initialIndex: 0, onClose: () => undefined }),
    h(Icon, { name: icon, size: 16 }),
  ]
}

/** The exposed members, as a host reads them through a template ref. */
export async function exposed(chat: InstanceType<typeof MTChat>): Promise<void> {
  const { messages, currentDialog, isConnected, isLoading, mobileView } = chat
  const first: Message | undefined = messages[0]
  const view: 'list' | 'chat' | 'info' = mobileView
  if (isConnected && !isLoading) await chat.selectDialog(currentDialog?.id ?? view)
  await chat.sendMessage('hi', [])
  await chat.joinDialog('d', { display_name: 'Anna', company: 'North' })
  await chat.loadDialogsByObject('shipment', 'S/7')
  chat.goBack()
  chat.toggleInfoPanel()
  if (first) await chat.client.markAsRead(first.id)
}

/** Every other name a host may import. */
export type Imported = [
  DialogAccessScope,
  LastMessage,
  MessageType,
  MtAccordionEmits,
  MtAccordionPanelProps,
  MtAccordionProps,
  MtButtonProps,
  MtButtonSize,
  MtButtonVariant,
  MtCheckboxEmits,
  MtCheckboxProps,
  MtContextMenuEmits,
  MtContextMenuExpose,
  MtContextMenuProps,
  MtDialogEmits,
  MtDialogProps,
  MtInputEmits,
  MtInputExpose,
  MtInputProps,
  MtMenuEmits,
  MtMenuExpose,
  MtMenuItem,
  MtMenuProps,
  MtRadioButtonEmits,
  MtRadioButtonProps,
  MtSpinnerProps,
  MtTabProps,
  MtTabsEmits,
  MtTabsProps,
  MtTagProps,
  MtTooltipOptions,
  ParticipantProfile,
  ParticipantSummary,
  SystemMessageContent,
  SystemMessageEvent,
  TranslationStrings,
  WsEventPayload,
]

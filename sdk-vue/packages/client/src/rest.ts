/** MTChatApi: one method per route. Owns the routes and nothing else; see http.ts for how a call is made. */
import type { GetToken, ScopeConfig } from './config'
import { MTChatError } from './errors'
import type { RequestOptions } from './http'
import { Http, path } from './http'
import { encodeScopes } from './scopes'
import { TokenSource } from './tokens'
import type {
  ApiResponse,
  AttachmentInput,
  AttachmentUrls,
  Dialog,
  DialogListItem,
  DialogListType,
  DialogParticipant,
  JoinDialogRequest,
  Message,
  MessagesResponse,
  PaginationOptions,
  PresignUploadResponse,
} from './types'

export interface ApiOptions {
  getToken?: GetToken | undefined
  /** Shared with a socket; wins over `token` and `getToken`. */
  tokens?: TokenSource | undefined
  timeoutMs?: number | undefined
  onUnauthorized?: ((error: MTChatError) => void) | undefined
}

export interface ListOptions {
  archived?: boolean | undefined
  limit?: number | undefined
  offset?: number | undefined
  signal?: AbortSignal | undefined
}

export interface ObjectDialogsOptions extends ListOptions {
  objectType: string
  objectId: string
  search?: string | undefined
  type?: DialogListType | undefined
}

export interface SendOptions {
  replyTo?: string | undefined
  attachments?: AttachmentInput[] | undefined
  /** The same key again gives the same message, not a second one. */
  clientMessageId?: string | undefined
}

export class MTChatApi {
  private readonly http: Http

  constructor(
    baseUrl: string,
    userId: string,
    scopeConfig: ScopeConfig,
    token?: string,
    { getToken, tokens, timeoutMs, onUnauthorized }: ApiOptions = {},
  ) {
    this.http = new Http({
      baseUrl: baseUrl.replace(/\/+$/, ''),
      userId,
      scopeHeader: encodeScopes(scopeConfig),
      tokens: tokens ?? new TokenSource(token, getToken),
      timeoutMs,
      onUnauthorized,
    })
  }

  healthCheck(): Promise<{ status: string; version: string }> {
    return this.http.request('GET', '/health')
  }

  getDialogs(
    type: DialogListType = 'participating',
    search?: string,
    options: ListOptions = {},
  ): Promise<DialogListItem[]> {
    const { archived, limit, offset, signal } = options
    return this.get('/dialogs', { type, search: search || undefined, archived, limit, offset }, signal)
  }

  getParticipatingDialogs(search?: string, archived?: boolean, options: ListOptions = {}): Promise<DialogListItem[]> {
    return this.getDialogs('participating', search, { ...options, archived })
  }

  getAvailableDialogs(search?: string, options: ListOptions = {}): Promise<DialogListItem[]> {
    return this.getDialogs('available', search, options)
  }

  getDialog(id: string, signal?: AbortSignal): Promise<Dialog> {
    return this.get(path`/dialogs/${id}`, {}, signal)
  }

  /** The object's newest dialog the caller may see. */
  getDialogByObject(objectType: string, objectId: string, signal?: AbortSignal): Promise<DialogListItem | null> {
    return this.get(path`/dialogs/by-object/${objectType}/${objectId}`, {}, signal)
  }

  getDialogsByObject(options: ObjectDialogsOptions): Promise<DialogListItem[]> {
    const { objectType, objectId, search, archived, type, signal } = options
    const query = { type, search: search || undefined, archived }
    return this.get(path`/dialogs/by-object/${objectType}/${objectId}/list`, query, signal)
  }

  joinDialog(id: string, profile: JoinDialogRequest): Promise<{ status: string; dialog_id: string }> {
    return this.post(path`/dialogs/${id}/join`, profile)
  }

  leaveDialog(id: string): Promise<void> {
    return this.post(path`/dialogs/${id}/leave`)
  }

  archiveDialog(id: string): Promise<void> {
    return this.post(path`/dialogs/${id}/archive`)
  }

  unarchiveDialog(id: string): Promise<void> {
    return this.post(path`/dialogs/${id}/unarchive`)
  }

  pinDialog(id: string): Promise<void> {
    return this.post(path`/dialogs/${id}/pin`)
  }

  unpinDialog(id: string): Promise<void> {
    return this.post(path`/dialogs/${id}/unpin`)
  }

  setDialogNotifications(id: string, enabled: boolean): Promise<void> {
    return this.post(path`/dialogs/${id}/notifications`, { enabled })
  }

  getParticipants(id: string, signal?: AbortSignal): Promise<DialogParticipant[]> {
    return this.get(path`/dialogs/${id}/participants`, {}, signal)
  }

  getMessages(id: string, options: PaginationOptions = {}, signal?: AbortSignal): Promise<MessagesResponse> {
    const { limit, before, after, around } = options
    return this.get(path`/dialogs/${id}/messages`, { limit, before, after, around }, signal)
  }

  getMessage(id: string, messageId: string, signal?: AbortSignal): Promise<Message> {
    return this.get(path`/dialogs/${id}/messages/${messageId}`, {}, signal)
  }

  async sendMessage(id: string, content: string, options: SendOptions = {}): Promise<Message> {
    const { replyTo, attachments = [], clientMessageId } = options
    const body = {
      content,
      reply_to: replyTo,
      attachments: attachments.map(({ s3_key, filename, content_type, size }) => ({
        s3_key,
        filename,
        content_type,
        size,
      })),
      client_message_id: clientMessageId,
    }
    return (await this.post<ApiResponse<Message>>(path`/dialogs/${id}/messages`, body)).data
  }

  async editMessage(id: string, messageId: string, content: string): Promise<Message> {
    const route = path`/dialogs/${id}/messages/${messageId}`
    return (await this.request<ApiResponse<Message>>('PUT', route, { body: { content } })).data
  }

  deleteMessage(id: string, messageId: string): Promise<void> {
    return this.request('DELETE', path`/dialogs/${id}/messages/${messageId}`)
  }

  markAsRead(id: string, lastReadMessageId: string): Promise<void> {
    return this.post(path`/dialogs/${id}/read`, { last_read_message_id: lastReadMessageId })
  }

  async getPresignedUploadUrl(
    id: string,
    filename: string,
    contentType: string,
    size: number,
  ): Promise<PresignUploadResponse> {
    const body = { dialog_id: id, filename, content_type: contentType, size }
    return (await this.post<ApiResponse<PresignUploadResponse>>('/upload/presign', body)).data
  }

  getAttachmentUrl(attachmentId: string): Promise<AttachmentUrls> {
    return this.get(path`/attachments/${attachmentId}/url`)
  }

  /** Bytes straight to storage; `onProgress` gets 0..100. */
  async uploadFile(
    uploadUrl: string,
    file: Blob,
    onProgress?: (percent: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { putFile } = await import('./upload')
    return putFile(uploadUrl, file, (...what) => new MTChatError(...what), onProgress, signal)
  }

  /** Any route under `/api/v1`; the body as it is answered. */
  request<T>(method: string, route: string, options?: RequestOptions): Promise<T> {
    return this.http.request(method, API + route, options)
  }

  private async get<T>(route: string, query: RequestOptions['query'] = {}, signal?: AbortSignal): Promise<T> {
    return (await this.request<ApiResponse<T>>('GET', route, { query, signal })).data
  }

  private post<T>(route: string, body?: unknown): Promise<T> {
    return this.request('POST', route, { body })
  }
}

const API = '/api/v1'

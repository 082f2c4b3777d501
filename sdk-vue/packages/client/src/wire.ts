/**
 * Bodies of requests (`...In`) and answers (`...Out`), generated from docs/openapi.json by `npm run wire-types`.
 * types.ts has the names that hosts use; the type tests hold the two together.
 */
export interface components {
  schemas: {
    /** @description What went wrong. */
    ErrorBodyOut: {
      /**
       * @description for programs
       * @enum {string}
       */
      code:
        | 'ATTACHMENT_NOT_FOUND'
        | 'BAD_REQUEST'
        | 'DIALOG_NOT_FOUND'
        | 'FILE_TOO_LARGE'
        | 'FORBIDDEN'
        | 'INTERNAL_ERROR'
        | 'INVALID_INPUT'
        | 'MESSAGE_NOT_FOUND'
        | 'NOT_FOUND'
        | 'NOT_MESSAGE_AUTHOR'
        | 'NOT_PARTICIPANT'
        | 'RATE_LIMIT_EXCEEDED'
        | 'SCOPE_MISMATCH'
        | 'SERVICE_UNAVAILABLE'
        | 'UNAUTHORIZED'
        | 'UNSUPPORTED_FILE_TYPE'
      /** @description for people: what to change; not for programs */
      message: string
    }
    /** @description The envelope of every failure. */
    ErrorOut: {
      error: components['schemas']['ErrorBodyOut']
    }
    /** @description Links that expire. */
    AttachmentUrlOut: {
      url: string
      thumbnail_url: string | null
      /** @description seconds */
      expires_in: number
    }
    /** @description The newest message of a dialog; system messages have no sender_id, people who have left no sender_name. */
    LastMessageOut: {
      /** Format: uuid */
      id: string
      /** @description clean HTML; JSON text in system messages */
      content: string
      sender_id?: string
      sender_name?: string
      /** Format: date-time */
      sent_at: string
      /** @enum {string} */
      message_type: 'user' | 'system'
    }
    /** @description A participant by name; what is not known is left out. */
    PersonOut: {
      user_id: string
      display_name?: string
      company?: string
    }
    /** @description A dialog as one person sees it. His own counters and flags, `seq` and `last_message` are there when he is in it. */
    DialogItemOut: {
      /** Format: uuid */
      id: string
      object_id: string
      object_type: string
      title: string | null
      object_url: string | null
      created_by: string | null
      /** Format: date-time */
      created_at: string
      meta?: unknown
      /** @description left out of one dialog by id for those who could join it */
      participants_count?: number
      i_am_participant: boolean
      can_join: boolean
      unread_count?: number
      is_archived?: boolean
      is_pinned?: boolean
      notifications_enabled?: boolean
      seq?: number
      /**
       * Format: date-time
       * @description left out when there is no message
       */
      last_message_at?: string
      last_message?: components['schemas']['LastMessageOut']
      /** @description those who came first first; left out when nobody is in */
      participants?: components['schemas']['PersonOut'][]
    }
    /** @description What a call has done, in one word. */
    StatusOut: {
      status: string
    }
    /** @description How the caller wants to be shown. */
    JoinIn: {
      /** @description not blank, at most 200 characters */
      display_name: string
      /** @description may be empty, at most 200 characters */
      company: string
      /**
       * @description at most 254 characters
       * @default null
       */
      email: string | null
      /**
       * @description at most 50 characters
       * @default null
       */
      phone: string | null
    }
    /** @description The answer of a join. */
    JoinedOut: {
      status: string
      /** Format: uuid */
      dialog_id: string
    }
    /** @description A file of a message; `url` expires. */
    AttachmentOut: {
      /** Format: uuid */
      id: string
      filename: string
      content_type: string
      size: number
      url: string
      width?: number
      height?: number
      thumbnail_url?: string
      /**
       * @description why `url` is empty: not looked at yet, or removed because of malware
       * @enum {string}
       */
      state?: 'scanning' | 'infected'
    }
    /** @description A message, complete, the same everywhere; `attachments` is left out when there are none. */
    MessageOut: {
      /** Format: uuid */
      id: string
      /** Format: uuid */
      dialog_id: string
      sender_id: string | null
      /** @description clean HTML; JSON text in system messages */
      content: string
      /** Format: date-time */
      sent_at: string
      /** Format: date-time */
      last_edited_at: string | null
      /** Format: uuid */
      reply_to_id: string | null
      /** @enum {string} */
      message_type: 'user' | 'system'
      attachments?: components['schemas']['AttachmentOut'][]
    }
    /** @description Oldest first. `seq` is the dialog's event number the page was read at: live events above it are news. */
    MessagePageOut: {
      messages: components['schemas']['MessageOut'][]
      /** Format: uuid */
      first_unread_message_id?: string
      has_more_before: boolean
      has_more_after: boolean
      seq: number
    }
    /** @description A stored object that a message names; every field as it was at presign. */
    AttachmentIn: {
      s3_key: string
      filename: string
      content_type: string
      size: number
    }
    /** @description A new message. Note the name `reply_to`: it comes back as `reply_to_id`. */
    SendMessageIn: {
      /** @description HTML or text, at most 50,000 characters */
      content: string
      /**
       * Format: uuid
       * @description id of a message of this dialog; others are dropped
       * @default null
       */
      reply_to: string | null
      /** @description at most 10 */
      attachments?: components['schemas']['AttachmentIn'][]
      /**
       * @description 1 to 255 characters; a repeat answers the first message again
       * @default null
       */
      client_message_id: string | null
    }
    /** @description A new text for one's own message. */
    EditMessageIn: {
      content: string
    }
    /** @description Whether the host may notify the caller of new messages in a dialog. */
    NotificationsIn: {
      enabled: boolean
    }
    /** @description A participant as another one sees him; what each keeps for himself is true in one's own entry alone. */
    RosterEntryOut: {
      /** Format: uuid */
      dialog_id: string
      user_id: string
      /** Format: date-time */
      joined_at: string
      /** @enum {string} */
      joined_as: 'creator' | 'participant' | 'joined'
      notifications_enabled: boolean
      /** Format: uuid */
      last_read_message_id: string | null
      unread_count: number
      display_name: string | null
      company: string | null
      email: string | null
      phone: string | null
      is_archived: boolean
      is_pinned: boolean
      is_online: boolean
    }
    /** @description The newest message the reader has seen. */
    ReadIn: {
      /** Format: uuid */
      last_read_message_id: string
    }
    /** @description The answer of a read mark. */
    SuccessOut: {
      /** @description always true */
      success: boolean
    }
    /** @description Who may find and join: a person matches when each level is empty or shares a value with his own. */
    AccessScopeIn: {
      /** @description tenants; values of at most 255 characters, compared exactly; empty admits everyone */
      scope_level0?: string[]
      /** @description departments; values of at most 255 characters, compared exactly; empty admits everyone */
      scope_level1?: string[]
      /** @description roles or rights; values of at most 255 characters, compared exactly; empty admits everyone */
      scope_level2?: string[]
    }
    /** @description Somebody to put into a dialog. */
    ParticipantIn: {
      /** @description the host's id of the person, 1 to 255 characters */
      user_id: string
      /** @description not blank, at most 200 characters */
      display_name: string
      /**
       * @description at most 200 characters
       * @default null
       */
      company: string | null
      /**
       * @description at most 254 characters
       * @default null
       */
      email: string | null
      /**
       * @description at most 50 characters
       * @default null
       */
      phone: string | null
    }
    /** @description A new dialog with its people and scopes. */
    CreateDialogIn: {
      /** @description the host's id of the object, 1 to 255 characters */
      object_id: string
      /** @description the kind of object, 1 to 100 characters */
      object_type: string
      access_scopes?: components['schemas']['AccessScopeIn'][]
      /**
       * @description at most 500 characters
       * @default null
       */
      title: string | null
      /**
       * @description http, https or relative, at most 4,096 characters
       * @default null
       */
      object_url: string | null
      participants: components['schemas']['ParticipantIn'][]
      /**
       * @description any JSON, given back unchanged; null is absent
       * @default null
       */
      meta: unknown
    }
    /** @description The fields of a dialog that every dialog answer of both APIs has; `meta` is left out when there is none. */
    DialogOut: {
      /** Format: uuid */
      id: string
      object_id: string
      object_type: string
      title: string | null
      object_url: string | null
      created_by: string | null
      /** Format: date-time */
      created_at: string
      meta?: unknown
    }
    /** @description Which object, and exactly which set of scopes. */
    FindDialogIn: {
      /** @description the host's id of the object, 1 to 255 characters */
      object_id: string
      /** @description the kind of object, 1 to 100 characters */
      object_type: string
      access_scopes?: components['schemas']['AccessScopeIn'][]
    }
    /** @description A person's place in a dialog; every field is always present. */
    ParticipantOut: {
      /** Format: uuid */
      dialog_id: string
      user_id: string
      /** Format: date-time */
      joined_at: string
      /** @enum {string} */
      joined_as: 'creator' | 'participant' | 'joined'
      notifications_enabled: boolean
      /** Format: uuid */
      last_read_message_id: string | null
      unread_count: number
      display_name: string | null
      company: string | null
      email: string | null
      phone: string | null
      is_archived: boolean
      is_pinned: boolean
    }
    /** @description A stored scope. */
    AccessScopeOut: {
      /** Format: uuid */
      id: string
      /** Format: uuid */
      dialog_id: string
      scope_level0: string[]
      scope_level1: string[]
      scope_level2: string[]
      /** Format: date-time */
      created_at: string
    }
    /** @description A dialog with everybody in it, by the time they came, and its scopes in the order they were given. */
    DialogDetailsOut: {
      /** Format: uuid */
      id: string
      object_id: string
      object_type: string
      title: string | null
      object_url: string | null
      created_by: string | null
      /** Format: date-time */
      created_at: string
      meta?: unknown
      participants: components['schemas']['ParticipantOut'][]
      access_scopes: components['schemas']['AccessScopeOut'][]
    }
    /** @description The whole new list; an empty one closes the dialog to newcomers. */
    ReplaceAccessScopesIn: {
      access_scopes: components['schemas']['AccessScopeIn'][]
    }
    /** @description An endpoint; its secret is shown only when it is made or rotated. */
    WebhookOut: {
      /** Format: uuid */
      id: string
      /** @description of the built-in endpoint without query; null when off */
      url: string | null
      description: string | null
      events: string[]
      tenants: string[]
      enabled: boolean
      /**
       * @description host: by this API; gone: it answered 410; settings: the variables are empty
       * @enum {string|null}
       */
      disabled_by: 'host' | 'gone' | 'settings' | null
      /** @description whether it is the one of WEBHOOK_URL */
      builtin: boolean
      /** Format: date-time */
      created_at: string
      /** Format: date-time */
      previous_secret_until: string | null
      /** @description deliveries not made yet */
      waiting: number
    }
    /** @description A new endpoint. */
    CreateWebhookIn: {
      /** @description http or https, at most 2,048 characters, without user and password */
      url: string
      /** @description at least one of message.new, participant.joined, participant.left, notification.pending, message.edited, message.deleted, dialog.created, dialog.deleted, attachment.ready; by default the first four */
      events?: string[]
      /** @description values of scope level 0: only dialogs whose scopes name one of them, and a scope that leaves the level open names none; empty: all dialogs */
      tenants?: string[]
      /**
       * @description at most 500 characters
       * @default null
       */
      description: string | null
    }
    /** @description An endpoint just made, with its secret. */
    CreatedWebhookOut: {
      /** Format: uuid */
      id: string
      /** @description of the built-in endpoint without query; null when off */
      url: string | null
      description: string | null
      events: string[]
      tenants: string[]
      enabled: boolean
      /**
       * @description host: by this API; gone: it answered 410; settings: the variables are empty
       * @enum {string|null}
       */
      disabled_by: 'host' | 'gone' | 'settings' | null
      /** @description whether it is the one of WEBHOOK_URL */
      builtin: boolean
      /** Format: date-time */
      created_at: string
      /** Format: date-time */
      previous_secret_until: string | null
      /** @description deliveries not made yet */
      waiting: number
      /** @description shown this once; keep it */
      secret: string
    }
    /** @description What to change of an endpoint; what is left out stays as it is. */
    ChangeWebhookIn: {
      /** @description http or https, at most 2,048 characters, without user and password; not of the built-in endpoint */
      url?: string
      /** @description at least one of message.new, participant.joined, participant.left, notification.pending, message.edited, message.deleted, dialog.created, dialog.deleted, attachment.ready */
      events?: string[]
      /** @description values of scope level 0: only dialogs whose scopes name one of them, and a scope that leaves the level open names none; empty: all dialogs */
      tenants?: string[]
      /** @description at most 500 characters; null removes it */
      description?: string | null
      /** @description false keeps what waits until it is true again; nothing is added */
      enabled?: boolean
    }
    /** @description One try of a delivery. */
    AttemptOut: {
      /** Format: date-time */
      at: string
      /** @description null: there was no answer */
      status: number | null
      duration_ms: number
      /** @description why there was no answer */
      error: string | null
      /** @description its first 1,000 characters */
      answer: string | null
    }
    /** @description One event on its way to one endpoint; id is that of the headers and the body. */
    DeliveryOut: {
      /** Format: uuid */
      id: string
      /** Format: uuid */
      webhook_id: string
      /** Format: uuid */
      dialog_id: string | null
      recipient_id: string | null
      event: string
      /** @enum {string} */
      state: 'waiting' | 'delivered' | 'failed'
      /** Format: date-time */
      created_at: string
      /**
       * Format: date-time
       * @description when its dialog's oldest waiting delivery is tried
       */
      next_attempt_at: string | null
      attempts: components['schemas']['AttemptOut'][]
    }
    /** @description A delivery with what is sent. */
    DeliveryDetailsOut: {
      /** Format: uuid */
      id: string
      /** Format: uuid */
      webhook_id: string
      /** Format: uuid */
      dialog_id: string | null
      recipient_id: string | null
      event: string
      /** @enum {string} */
      state: 'waiting' | 'delivered' | 'failed'
      /** Format: date-time */
      created_at: string
      /**
       * Format: date-time
       * @description when its dialog's oldest waiting delivery is tried
       */
      next_attempt_at: string | null
      attempts: components['schemas']['AttemptOut'][]
      /** @description the exact body; null: its message was deleted */
      body: string | null
    }
    /** @description Which deliveries to make again. */
    ReplayIn: {
      /**
       * Format: date-time
       * @description made then or later
       */
      since: string
      /**
       * Format: date-time
       * @description made before; null: all since
       * @default null
       */
      until: string | null
      /** @description failed, delivered or both; by default failed */
      states?: ('delivered' | 'failed')[]
      /**
       * @default null
       * @enum {string|null}
       */
      event:
        | 'message.new'
        | 'participant.joined'
        | 'participant.left'
        | 'notification.pending'
        | 'message.edited'
        | 'message.deleted'
        | 'dialog.created'
        | 'dialog.deleted'
        | 'attachment.ready'
        | 'webhook.test'
        | null
      /**
       * Format: uuid
       * @default null
       */
      dialog_id: string | null
    }
    /** @description How many deliveries are made again. */
    ReplayedOut: {
      replayed: number
      /**
       * Format: date-time
       * @description where to go on when there were more than one call replays; else null
       */
      next_since: string | null
    }
    /** @description How long the old secret signs beside the new one. */
    RotateSecretIn: {
      /**
       * @description 0 to 604,800; by default a day
       * @default 86400
       */
      overlap_secs: number
    }
    /** @description A new secret. */
    RotatedSecretOut: {
      /** @description shown this once; keep it */
      secret: string
      /** Format: date-time */
      previous_secret_until: string
    }
    /** @description The file a client is about to upload. */
    PresignIn: {
      /** Format: uuid */
      dialog_id: string
      filename: string
      /** @description may be empty when the browser does not know */
      content_type: string
      /** @description bytes, 1 to 104,857,600 */
      size: number
    }
    /** @description One part of an upload; `upload_url` is there until it has arrived. */
    PartOut: {
      /** @description from 1 */
      number: number
      /** @description bytes */
      size: number
      is_stored: boolean
      upload_url?: string
    }
    /** @description An upload in parts. */
    PartsOut: {
      /** Format: uuid */
      upload_id: string
      s3_key: string
      /** @description bytes of each part but the last */
      part_size: number
      parts: components['schemas']['PartOut'][]
      /** @description seconds */
      expires_in: number
    }
    /** @description An upload that is one object now: name its key in a message. */
    CompletedUploadOut: {
      s3_key: string
      size: number
    }
    /** @description Where to PUT the bytes, and the key to name in the message. */
    UploadOut: {
      upload_url: string
      s3_key: string
      /** @description seconds */
      expires_in: number
    }
    /** @description The process answers. */
    HealthOut: {
      /** @enum {string} */
      status: 'ok'
      /** @description of the running program */
      version: string
    }
    /** @description Part by part; only the database decides about readiness. */
    ReadyDetailsOut: {
      /** @enum {string} */
      database: 'ok' | 'not answering'
      /** @enum {string} */
      redis: 'on' | 'off'
      /** @enum {string} */
      storage: 'ok' | 'not answering'
      /** @enum {string} */
      webhooks: 'on' | 'off'
    }
    /** @description Whether requests can be served. */
    ReadyOut: {
      /** @enum {string} */
      status: 'ready' | 'not_ready'
      details: components['schemas']['ReadyDetailsOut']
    }
  }
  responses: never
  parameters: never
  requestBodies: never
  headers: never
  pathItems: never
}
export type ErrorBodyOut = components['schemas']['ErrorBodyOut']
export type ErrorOut = components['schemas']['ErrorOut']
export type AttachmentUrlOut = components['schemas']['AttachmentUrlOut']
export type LastMessageOut = components['schemas']['LastMessageOut']
export type PersonOut = components['schemas']['PersonOut']
export type DialogItemOut = components['schemas']['DialogItemOut']
export type StatusOut = components['schemas']['StatusOut']
export type JoinIn = components['schemas']['JoinIn']
export type JoinedOut = components['schemas']['JoinedOut']
export type AttachmentOut = components['schemas']['AttachmentOut']
export type MessageOut = components['schemas']['MessageOut']
export type MessagePageOut = components['schemas']['MessagePageOut']
export type AttachmentIn = components['schemas']['AttachmentIn']
export type SendMessageIn = components['schemas']['SendMessageIn']
export type EditMessageIn = components['schemas']['EditMessageIn']
export type NotificationsIn = components['schemas']['NotificationsIn']
export type RosterEntryOut = components['schemas']['RosterEntryOut']
export type ReadIn = components['schemas']['ReadIn']
export type SuccessOut = components['schemas']['SuccessOut']
export type AccessScopeIn = components['schemas']['AccessScopeIn']
export type ParticipantIn = components['schemas']['ParticipantIn']
export type CreateDialogIn = components['schemas']['CreateDialogIn']
export type DialogOut = components['schemas']['DialogOut']
export type FindDialogIn = components['schemas']['FindDialogIn']
export type ParticipantOut = components['schemas']['ParticipantOut']
export type AccessScopeOut = components['schemas']['AccessScopeOut']
export type DialogDetailsOut = components['schemas']['DialogDetailsOut']
export type ReplaceAccessScopesIn = components['schemas']['ReplaceAccessScopesIn']
export type WebhookOut = components['schemas']['WebhookOut']
export type CreateWebhookIn = components['schemas']['CreateWebhookIn']
export type CreatedWebhookOut = components['schemas']['CreatedWebhookOut']
export type ChangeWebhookIn = components['schemas']['ChangeWebhookIn']
export type AttemptOut = components['schemas']['AttemptOut']
export type DeliveryOut = components['schemas']['DeliveryOut']
export type DeliveryDetailsOut = components['schemas']['DeliveryDetailsOut']
export type ReplayIn = components['schemas']['ReplayIn']
export type ReplayedOut = components['schemas']['ReplayedOut']
export type RotateSecretIn = components['schemas']['RotateSecretIn']
export type RotatedSecretOut = components['schemas']['RotatedSecretOut']
export type PresignIn = components['schemas']['PresignIn']
export type PartOut = components['schemas']['PartOut']
export type PartsOut = components['schemas']['PartsOut']
export type CompletedUploadOut = components['schemas']['CompletedUploadOut']
export type UploadOut = components['schemas']['UploadOut']
export type HealthOut = components['schemas']['HealthOut']
export type ReadyDetailsOut = components['schemas']['ReadyDetailsOut']
export type ReadyOut = components['schemas']['ReadyOut']

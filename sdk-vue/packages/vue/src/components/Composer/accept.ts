import { ATTACHMENT_LIMITS } from '@mtchat/client'

/** What the picker of files offers. Browsers do not know the type of the endings. */
export const ACCEPT = [...ATTACHMENT_LIMITS.ALLOWED_TYPES, '.md', '.rar', '.7z'].join(',')

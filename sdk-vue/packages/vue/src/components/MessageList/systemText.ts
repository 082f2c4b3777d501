import type { SystemMessageContent } from '@mtchat/client'
import type { I18n } from '../../i18n'

const withCompany = ({ name, company }: { name: string; company?: string }) => (company ? `${name} (${company})` : name)

/** The sentence of a system message; content that is no known event is shown as it is. */
export function systemText(content: string, { t, tt }: I18n): string {
  let parsed: SystemMessageContent | null
  try {
    parsed = JSON.parse(content) as SystemMessageContent | null
  } catch {
    return content
  }
  if (parsed?.event === 'chat_created' && Array.isArray(parsed.participants)) {
    return tt('system.chatCreated', {
      participants: parsed.participants.map(withCompany).join(t.value.punctuation.comma),
    })
  }
  if (parsed?.event === 'participant_joined') return tt('system.participantJoined', { name: withCompany(parsed) })
  if (parsed?.event === 'participant_left') return tt('system.participantLeft', { name: parsed.name })
  return content
}

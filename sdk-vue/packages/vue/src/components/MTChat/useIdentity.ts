import { computed, type ComputedRef } from 'vue'
import type { MTChatConfig } from '@mtchat/client'
import type { MTChatProps } from './types'

/**
 * The config as the chat uses it: the token of the props wins, and errors of the socket are told to both listeners.
 * @param onError what the component does with an error of the connection.
 */
export function useIdentity(props: MTChatProps, onError: (error: Error) => void): ComputedRef<MTChatConfig> {
  return computed(() => ({
    ...props.config,
    token: props.token ?? props.config.token,
    onError(error) {
      props.config.onError?.(error)
      onError(error)
    },
  }))
}

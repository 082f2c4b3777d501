/** What `@mtchat/vue-primevue` exports: the chat in PrimeVue's looks, its adapters, and everything of `@mtchat/vue`. */
export * from '@mtchat/vue'

export { MTChatPrime } from './MTChatPrime/MTChatPrime'
export * from './registry'

/** `@mtchat/vue/client`: the client without Vue. */
export * from '@mtchat/client'

export { default as Icon } from './Icon.vue'
export type { IconName } from './paths'

import type { Enter, State } from '../../vue/playground/states.mjs'

export const STATES: Record<string, State>
export const enter: Enter

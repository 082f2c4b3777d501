import type { Page } from 'playwright-core'

export interface State {
  query?: Record<string, string>
  ready?: string
  only?: 'full'
  act?(page: Page): Promise<unknown>
}

export const STATES: Record<string, State>
export type Enter = (page: Page, origin: string, name: string, query: Record<string, string>) => Promise<void>
export function settle(page: Page): Promise<void>
export function write(page: Page, text: string): Promise<void>
export function entering(states: Record<string, State>): Enter
export const enter: Enter

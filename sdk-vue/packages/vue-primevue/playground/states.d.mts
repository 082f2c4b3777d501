import type { Page } from 'playwright-core'

interface State {
  query?: Record<string, string>
  ready?: string
  only?: 'full'
  act?(page: Page): Promise<unknown>
}

export const STATES: Record<string, State>
export function enter(page: Page, origin: string, name: string, query: Record<string, string>): Promise<void>

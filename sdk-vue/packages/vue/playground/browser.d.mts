import type { Browser } from 'playwright-core'

export function openPlayground(): Promise<{ browser: Browser; origin: string; close(): Promise<void> }>

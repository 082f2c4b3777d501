import type { Browser } from 'playwright-core'

export function openPlayground(
  configFile?: string,
): Promise<{ browser: Browser; origin: string; close(): Promise<void> }>

import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

/** The system's browser: nothing is downloaded. */
const executablePath =
  process.env.CHROMIUM_PATH ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
if (!executablePath) throw new Error('Chromium is missing: apt-get install chromium, or name it in CHROMIUM_PATH')

export default defineConfig({
  testDir: 'stories',
  outputDir: 'test-results',
  globalSetup: './support/build.ts',
  // Each worker has a server, a database and a browser of its own.
  workers: Number(process.env.E2E_WORKERS ?? 2),
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // Real servers and a real browser share the machine with whatever else it does; a story that needs it is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  // A machine that does much else is no reason to fail.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: process.env.CI ? 'line' : 'list',
  use: {
    viewport: { width: 1280, height: 720 },
    locale: 'en-GB',
    timezoneId: 'Europe/Oslo',
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-default-apps',
        '--disable-sync',
        '--no-first-run',
        // A hidden tab is to be slow when a test hides it, not when the machine is busy.
        '--disable-renderer-backgrounding',
        '--disable-backgrounding-occluded-windows',
      ],
    },
  },
})

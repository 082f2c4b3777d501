/** Calls of the interface per action of a person, beside those of the original. */
import { expect } from '@playwright/test'
import { ChatPage } from '../e2e/support/chatPage'
import type { Person, TestDialog } from '../e2e/support/world'
import { Calls, type Stage } from './stage'

const RECEIVED = 10

interface Cast {
  anna: Person
  boris: Person
  dialog: TestDialog
  other: TestDialog
}

/** What each action costs the original. */
const ORIGINAL: Record<string, number> = {
  'open full mode': 2,
  'open a dialog': 2,
  'open inline': 3,
  send: 1,
  [`receive ${RECEIVED} messages in the open dialog`]: RECEIVED,
  search: 2,
  reconnect: 4,
  leave: 3,
}

async function inlineCalls(stage: Stage, { anna, dialog }: Cast): Promise<number> {
  const page = await (await stage.newContext()).newPage()
  const calls = new Calls(page)
  const props = { mode: 'inline', objectId: dialog.objectId, objectType: dialog.objectType } as const
  return calls.of(async () => {
    await page.goto(stage.address(anna, { props }))
    await new ChatPage(page).ready()
  })
}

/** One visit, action by action. */
async function visit(stage: Stage, { anna, boris, dialog, other }: Cast): Promise<Record<string, number>> {
  const { world } = stage
  const page = await (await stage.newContext()).newPage()
  const calls = new Calls(page)
  const chat = new ChatPage(page)
  const counts: Record<string, number> = {}
  const count = async (name: string, action: () => Promise<unknown>) => void (counts[name] = await calls.of(action))
  await count('open full mode', async () => {
    await page.goto(stage.address(anna))
    await chat.ready()
  })
  await count('open a dialog', () => chat.choose(dialog.title))
  await count('send', () => chat.sendSurely('Hello to you'))
  await count(`receive ${RECEIVED} messages in the open dialog`, () => world.sayMany(dialog, boris, 'Live', RECEIVED))
  await count('search', () => chat.list.getByRole('searchbox').fill('order'))
  await chat.list.getByRole('searchbox').fill('')
  await expect(chat.row(other.title)).toBeVisible()
  await calls.of(async () => undefined)
  await count('reconnect', async () => {
    const before = (await chat.told('connected')).length
    await stage.server.kill()
    await stage.server.start()
    await expect.poll(async () => (await chat.told('connected')).length, { timeout: 40_000 }).toBeGreaterThan(before)
  })
  await count('leave', async () => {
    await chat.chatMenu('Leave chat')
    await chat.dialogBox.getByRole('button', { name: 'Leave' }).click()
    await expect(chat.row(dialog.title)).toHaveCount(0)
  })
  await page.context().close()
  return counts
}

export async function measureRequests(stage: Stage): Promise<{ rows: string[][]; ok: boolean }> {
  const { world } = stage
  const [anna, boris] = [world.person('Clara', 'North'), world.person('Boris', 'South')]
  const dialog = await world.dialog({ title: 'First order', people: [anna, boris] })
  const other = await world.dialog({ title: 'Second order', people: [anna, boris] })
  // Read already: telling that it was read is no part of opening.
  await world.read(dialog, anna, (await world.say(dialog, boris, 'Hello')).id)
  const cast = { anna, boris, dialog, other }
  const counts = { 'open inline': await inlineCalls(stage, cast), ...(await visit(stage, cast)) }
  const rows = Object.entries(ORIGINAL).map(([name, most]) => {
    const made = counts[name as keyof typeof counts]
    return [name, String(made), String(most), made <= most ? 'ok' : 'MORE']
  })
  return { rows: [['', 'ours', 'original', ''], ...rows], ok: rows.every(([, , , verdict]) => verdict === 'ok') }
}

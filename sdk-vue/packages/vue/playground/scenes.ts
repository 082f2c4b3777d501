/** What the playground shows: a freight company talking to its carriers, in three languages. */
import { World, type StoredDialog } from '../test/memoryServer'
import { picture } from './picture'
import { WORDS } from './words'

export const ME = 'u-anna'
export type Scene = 'busy' | 'unread' | 'empty' | 'join' | 'long' | 'loading' | 'failing' | 'offline'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

function addPeople(world: World, locale: string) {
  const { people } = WORDS[locale] ?? WORDS.en!
  const ids = [ME, 'u-boris', 'u-vera', 'u-luwei', 'u-ines']
  people.forEach(([name, company], index) =>
    world.addPerson({
      id: ids[index] as string,
      name,
      company,
      online: index === 1 || index === 3,
      ...(index > 0 ? { email: `${ids[index]?.slice(2)}@carrier.example`, phone: `+47 000 0${index}` } : {}),
    }),
  )
  return ids
}

function fillBusy(world: World, dialog: StoredDialog, locale: string, start: number) {
  const { lines, system, longLine, rich, mention } = WORDS[locale] ?? WORDS.en!
  const [, boris, vera] = [ME, 'u-boris', 'u-vera']
  const at = (time: number) => (world.now = time)
  at(start - 2 * DAY)
  world.addMessage(dialog, null, JSON.stringify(system))
  at(start - 2 * DAY + 5 * MINUTE)
  const first = world.addMessage(dialog, boris, `<p>${lines[0]}</p>`)
  world.addMessage(dialog, boris, `<p>${lines[1]}</p>`)
  at(start - 2 * DAY + 7 * MINUTE)
  world.addMessage(dialog, ME, `<p>${lines[2]}</p>`)
  at(start - DAY)
  world.addMessage(dialog, vera, rich)
  at(start - DAY + MINUTE)
  world.addMessage(dialog, vera, '', {
    attachments: [
      {
        id: 'f-1',
        filename: 'CMR_2071.pdf',
        content_type: 'application/pdf',
        size: 248_000,
        url: 'https://memory.example/cmr.pdf',
      },
      {
        id: 'f-2',
        filename: 'Tariff 2031.xlsx',
        content_type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
        size: 1_340_000,
        url: 'https://memory.example/x',
      },
    ],
  })
  at(start - DAY + 20 * MINUTE)
  world.addMessage(dialog, ME, `<p>${longLine}</p>`, { reply_to_id: first.id })
  at(start - DAY + 21 * MINUTE)
  world.addMessage(dialog, ME, `<p>${mention}</p>`)
  at(start - 50 * MINUTE)
  world.addMessage(dialog, boris, `<p>${lines[3]}</p>`, {
    attachments: [1, 2, 3].map((n) => ({
      id: `p-${n}`,
      filename: `dock-${n}.png`,
      content_type: 'image/png',
      size: 90_000 * n,
      width: 800 + n * 100,
      height: 600,
      url: picture(n, 800, 600),
    })),
  })
  at(start - 45 * MINUTE)
  world.addMessage(dialog, ME, `<p>${lines[4]}</p>`, { last_edited_at: new Date(start).toISOString() })
  at(start - 44 * MINUTE)
  world.addMessage(dialog, ME, `<p>${lines[5]}</p>`)
  const mine = dialog.messages.at(-1)
  dialog.members.get(boris!)!.readId = mine?.id ?? null
  at(start - 10 * MINUTE)
  world.addMessage(dialog, vera, `<p>${lines[6]}</p>`, {
    attachments: [
      {
        id: 'p-9',
        filename: 'gate.png',
        content_type: 'image/png',
        size: 120_000,
        width: 640,
        height: 400,
        url: picture(9, 640, 400),
      },
    ],
  })
  at(start - 2 * MINUTE)
  world.addMessage(dialog, boris, `<p>${lines[7]}</p>`)
  at(start - MINUTE)
  world.addMessage(dialog, ME, `<p>${lines[8]}</p>`)
}

function addOthers(world: World, locale: string, start: number) {
  const { titles, lines } = WORDS[locale] ?? WORDS.en!
  titles.slice(1).forEach((title, index) => {
    world.now = start - (index + 1) * 17 * 60 * MINUTE
    const dialog = world.addDialog({ title, object_url: 'https://host.example/o' }, [
      ME,
      index % 2 ? 'u-luwei' : 'u-ines',
      'u-vera',
    ])
    world.addMessage(dialog, ME, `<p>${lines[index % lines.length]}</p>`)
    const count = index === 1 ? 3 : index === 2 ? 120 : index === 4 ? 7 : 0
    for (let n = 0; n <= count; n++)
      world.addMessage(dialog, index % 2 ? 'u-luwei' : 'u-ines', `<p>${lines[(index + n) % lines.length]}</p>`)
    const member = dialog.members.get(ME)!
    if (count === 0) member.readId = dialog.messages.at(-1)?.id ?? null
    member.muted = index === 2
    member.pinned = index === 0
    member.archived = index > 10
  })
  world.now = start - 3 * DAY
  world.addDialog({ title: titles[3] + ' II' }, ['u-boris', 'u-luwei'])
  world.addDialog({ title: titles[4] + ' III' }, ['u-vera'])
}

/** More than a screen of what one has not seen. */
function fillUnread(world: World, dialog: StoredDialog, locale: string, start: number) {
  const { lines, longLine } = WORDS[locale] ?? WORDS.en!
  const read = dialog.messages.at(-1)?.id ?? null
  for (let n = 0; n < 18; n++) {
    world.now = start + n * 20_000
    world.addMessage(dialog, n % 5 < 3 ? 'u-boris' : 'u-luwei', `<p>${n % 6 ? lines[n % lines.length] : longLine}</p>`)
  }
  dialog.members.get(ME)!.readId = read
}

/** The world of a scene, and what to open in it. */
export function makeWorld(locale: string, scene: Scene) {
  const start = new Date(new Date().setHours(16, 20, 0, 0)).getTime()
  const world = new World(start - 4 * DAY)
  const ids = addPeople(world, locale)
  const { titles, lines } = WORDS[locale] ?? WORDS.en!
  const members = scene === 'join' ? ids.slice(1) : ids.slice(0, 4)
  if (scene !== 'empty') addOthers(world, locale, start)
  world.now = start - 3 * DAY
  const main = world.addDialog(
    {
      title: titles[0] ?? '',
      object_id: 'SHP-2071',
      object_type: 'shipment',
      object_url: 'https://host.example/shipments/2071',
      created_by: 'u-boris',
    },
    members,
  )
  if (scene !== 'empty' && scene !== 'long') fillBusy(world, main, locale, start)
  if (scene === 'unread') fillUnread(world, main, locale, start)
  if (scene === 'long') {
    world.now = start - 5 * DAY
    for (let n = 0; n < 10_000; n++) {
      world.now += 40_000
      world.addMessage(main, ids[n % 7 === 0 ? 0 : (n >> 2) % 3] ?? ME, `<p>${n}. ${lines[n % lines.length]}</p>`)
    }
    main.members.get(ME)!.readId = main.messages.at(-1)?.id ?? null
  }
  return { world, openId: main.id, objectId: 'SHP-2071', objectType: 'shipment' }
}

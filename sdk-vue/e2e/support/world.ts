/** People and dialogs of one test, made through the Management API as a host's backend makes them. */
import type { DialogListItem, Message, MessagesResponse, ScopeConfig } from '@mtchat/client'
import { ADMIN_TOKEN, type ChatServer } from './server'

export interface Person {
  id: string
  name: string
  company: string
  scopes: ScopeConfig
  email?: string
  phone?: string
}

export interface DialogPlan {
  title: string
  people: Person[]
  objectId?: string
  objectType?: string
  objectUrl?: string
  /** Who may join: one of these on each level. */
  scopes?: Partial<ScopeConfig>[]
}

export interface TestDialog {
  id: string
  title: string
  objectId: string
  objectType: string
}

export interface UploadedFile {
  s3_key: string
  filename: string
  content_type: string
  size: number
}

export class World {
  private count = 0

  /** @param mark tells the people and objects of this test from those of all others. */
  constructor(
    private readonly server: ChatServer,
    private readonly mark: string,
  ) {}

  person(name: string, company: string, more: Partial<Person> = {}): Person {
    const scopes = { scopeLevel0: [`${company}-${this.mark}`], scopeLevel1: [], scopeLevel2: [] }
    return { id: `${name.toLowerCase()}-${this.mark}`, name, company, scopes, ...more }
  }

  /** anna of North and boris of South, in one dialog. */
  async pair(title = 'Order 17') {
    const anna = this.person('Anna', 'North', { email: 'anna@north.example', phone: '+47 111' })
    const boris = this.person('Boris', 'South')
    return { anna, boris, dialog: await this.dialog({ title, people: [anna, boris] }) }
  }

  async dialog(plan: DialogPlan): Promise<TestDialog> {
    const { title, people, objectUrl, scopes = [] } = plan
    const objectId = plan.objectId ?? `object-${this.mark}-${++this.count}`
    const objectType = plan.objectType ?? 'order'
    const { data } = await this.manage<{ data: { id: string } }>('POST', '/dialogs', {
      object_id: objectId,
      object_type: objectType,
      title,
      object_url: objectUrl ?? null,
      participants: people.map(profileOf),
      access_scopes: scopes.map(({ scopeLevel0 = [], scopeLevel1 = [], scopeLevel2 = [] }) => ({
        scope_level0: scopeLevel0,
        scope_level1: scopeLevel1,
        scope_level2: scopeLevel2,
      })),
    })
    return { id: data.id, title, objectId, objectType }
  }

  async add(dialog: TestDialog, person: Person): Promise<void> {
    await this.manage('POST', `/dialogs/${dialog.id}/participants`, profileOf(person))
  }

  async remove(dialog: TestDialog, person: Person): Promise<void> {
    await this.manage('DELETE', `/dialogs/${dialog.id}/participants/${encodeURIComponent(person.id)}`)
  }

  /** Somebody writes, without a browser. */
  async say(
    dialog: TestDialog,
    person: Person,
    text: string,
    more: { reply_to?: string; attachments?: UploadedFile[] } = {},
  ): Promise<Message> {
    const body = { content: text.startsWith('<') ? text : `<p>${text}</p>`, ...more }
    return (await this.chat<{ data: Message }>(person, 'POST', `/dialogs/${dialog.id}/messages`, body)).data
  }

  /** One after the other: "<text> 1" to "<text> <count>". */
  async sayMany(dialog: TestDialog, person: Person, text: string, count: number): Promise<Message[]> {
    const said: Message[] = []
    for (let n = 1; n <= count; n++) said.push(await this.say(dialog, person, `${text} ${n}`))
    return said
  }

  async upload(dialog: TestDialog, person: Person, name: string, type: string, body: Buffer): Promise<UploadedFile> {
    const asked = { dialog_id: dialog.id, filename: name, content_type: type, size: body.length }
    const { data } = await this.chat<{ data: { upload_url: string; s3_key: string } }>(
      person,
      'POST',
      '/upload/presign',
      asked,
    )
    await expectOk(
      fetch(data.upload_url, { method: 'PUT', body: new Uint8Array(body), headers: { 'content-type': type } }),
    )
    return { s3_key: data.s3_key, filename: name, content_type: type, size: body.length }
  }

  async messages(dialog: TestDialog, person: Person): Promise<Message[]> {
    return (await this.chat<{ data: MessagesResponse }>(person, 'GET', `/dialogs/${dialog.id}/messages`)).data.messages
  }

  async read(dialog: TestDialog, person: Person, messageId: string): Promise<void> {
    await this.chat(person, 'POST', `/dialogs/${dialog.id}/read`, { last_read_message_id: messageId })
  }

  async dialogs(person: Person): Promise<DialogListItem[]> {
    return (await this.chat<{ data: DialogListItem[] }>(person, 'GET', '/dialogs')).data
  }

  fill(dialog: TestDialog, count: number): Promise<void> {
    return this.server.fill(dialog.id, count)
  }

  private manage<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.call(method, `/management${path}`, body, { authorization: `Bearer ${ADMIN_TOKEN}` })
  }

  /** The Chat API as one person. */
  chat<T>(person: Person, method: string, path: string, body?: unknown): Promise<T> {
    return this.call(method, `${path}?user_id=${encodeURIComponent(person.id)}`, body)
  }

  private async call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await expectOk(
      fetch(`${this.server.url}/api/v1${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: body === undefined ? null : JSON.stringify(body),
      }),
    )
    const text = await answer.text()
    return (text ? JSON.parse(text) : undefined) as T
  }
}

function profileOf({ id, name, company, email, phone }: Person) {
  return { user_id: id, display_name: name, company, email, phone }
}

async function expectOk(asked: Promise<Response>): Promise<Response> {
  const answer = await asked
  if (!answer.ok) throw new Error(`${answer.status} from ${answer.url}: ${await answer.text()}`)
  return answer
}

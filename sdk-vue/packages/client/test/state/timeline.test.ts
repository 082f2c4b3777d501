import { describe, expect, test } from 'vitest'
import { Timeline } from '../../src/state'
import { refreshTimeline } from '../../src/state/refreshTimeline'
import type { Message } from '../../src/types'

const message = (n: number, more: Partial<Message> = {}): Message => ({
  id: `0199b3aa-0001-7000-8000-${String(n).padStart(12, '0')}`,
  dialog_id: 'd',
  sender_id: 'boris',
  content: `text ${n}`,
  sent_at: '2031-04-05T06:00:00.000000Z',
  ...more,
})
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => message(from + i))
const numbers = (timeline: Timeline) => timeline.messages.map((m) => Number(m.id.slice(-12)))

function at(from: number, to: number, more = { has_more_before: true, has_more_after: false }) {
  const timeline = new Timeline()
  timeline.replace({ messages: range(from, to), ...more })
  return timeline
}

describe('Timeline', () => {
  test('keeps messages sorted and each once, in whatever order they come', () => {
    const timeline = at(5, 6)
    for (const n of [8, 7, 8, 6]) timeline.receive(message(n))
    expect(numbers(timeline)).toEqual([5, 6, 7, 8])
  })

  test('W5: while newer pages exist a live message waits, and joins with the last page', () => {
    const timeline = at(5, 6, { has_more_before: true, has_more_after: true })
    expect(timeline.receive(message(20))).toBe(false)
    expect(numbers(timeline)).toEqual([5, 6])
    timeline.append({ messages: range(7, 19), has_more_after: false }, 50)
    expect(numbers(timeline)).toEqual([5, 6, ...range(7, 20).map((m) => Number(m.id.slice(-12)))])
    expect(timeline.heldBack.size).toBe(0)
  })

  test('W5: a held message that the page brings too is there once', () => {
    const timeline = at(5, 6, { has_more_before: true, has_more_after: true })
    timeline.receive(message(8))
    timeline.append({ messages: range(7, 8), has_more_after: false }, 50)
    expect(numbers(timeline)).toEqual([5, 6, 7, 8])
  })

  test('W3: a bare frame takes nothing away from a complete message', () => {
    const timeline = at(5, 5)
    const attachments = [{ id: 'a', filename: 'cmr.pdf', content_type: 'application/pdf', size: 1, url: 'u' }]
    timeline.receive(message(6, { attachments, reply_to_id: message(5).id }))
    timeline.receive(message(6))
    expect(timeline.last).toMatchObject({ attachments, reply_to_id: message(5).id })
  })

  test('an older version does not overwrite a newer one', () => {
    const timeline = at(5, 5)
    timeline.receive(message(5, { content: 'new', last_edited_at: '2031-04-05T06:05:00.000000Z' }))
    timeline.receive(message(5, { content: 'old' }))
    expect(timeline.last?.content).toBe('new')
  })

  test('a message that came while the first page was loading stays', () => {
    const timeline = new Timeline()
    timeline.receive(message(9))
    timeline.replace({ messages: range(1, 8), has_more_before: false, has_more_after: false })
    expect(numbers(timeline)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('a message older than the window does not make a hole at its beginning', () => {
    const timeline = at(10, 12)
    expect(timeline.receive(message(3))).toBe(false)
    expect(numbers(timeline)).toEqual([10, 11, 12])
  })

  test('W4: a refresh fills the gap, changes what was edited and drops what was deleted', () => {
    const timeline = at(1, 5)
    const page = [message(3, { content: 'edited', last_edited_at: '2031-04-05T07:00:00.000000Z' }), ...range(5, 8)]
    refreshTimeline(timeline, message(2).id, { messages: page, has_more_after: false })
    expect(numbers(timeline)).toEqual([1, 2, 3, 5, 6, 7, 8])
    expect(timeline.get(message(3).id)?.content).toBe('edited')
  })

  test('W4: a refresh that does not reach the newest ends the window there and holds back what came live', () => {
    const timeline = at(1, 5)
    timeline.receive(message(50))
    refreshTimeline(timeline, message(2).id, { messages: range(3, 20), has_more_after: true })
    expect(numbers(timeline).at(-1)).toBe(20)
    expect(timeline.hasMoreAfter).toBe(true)
    timeline.append({ messages: range(21, 49), has_more_after: false }, 50)
    expect(numbers(timeline)).toEqual(range(1, 50).map((m) => Number(m.id.slice(-12))))
  })

  test('is bounded: older pages push the newest out, which can be loaded again', () => {
    const timeline = new Timeline(100)
    timeline.replace({ messages: range(501, 550), has_more_before: true, has_more_after: false })
    for (const from of [451, 401, 351]) {
      timeline.prepend({ messages: range(from, from + 49), has_more_before: true }, 50)
    }
    expect(timeline.messages).toHaveLength(100)
    expect(numbers(timeline)[0]).toBe(351)
    expect(timeline.hasMoreAfter).toBe(true)
  })

  test('a removed message can be put back where it was', () => {
    const timeline = at(1, 5)
    const removed = timeline.remove(message(3).id)!
    expect(numbers(timeline)).toEqual([1, 2, 4, 5])
    timeline.put([removed])
    expect(numbers(timeline)).toEqual([1, 2, 3, 4, 5])
  })

  test('without flags of the server a short page means the end', () => {
    const timeline = at(50, 60)
    timeline.prepend({ messages: range(1, 49) }, 50)
    expect(timeline.hasMoreBefore).toBe(false)
  })
})

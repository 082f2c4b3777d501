import { render } from '@testing-library/vue'
import { describe, expect, test, vi } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import { provideI18n, useI18n } from '../../src/i18n'

const Word = defineComponent(() => {
  const { t, tt } = useI18n()
  return () => h('p', [t.value.buttons.send, ' ', tt('chat.files', { count: 2 })])
})

const locale = ref('ru')
const messages = ref<object | undefined>()
const Root = defineComponent(() => {
  provideI18n(locale, messages)
  return () => h(Word)
})

describe('useI18n', () => {
  test('is Russian without a provider', async () => {
    const { container } = render(Word)
    await vi.waitFor(() => expect(container).toHaveTextContent('Отправить 2 файла'))
  })

  test('W50 follows the locale and the texts of the host while it runs', async () => {
    const { container } = render(Root)
    await vi.waitFor(() => expect(container).toHaveTextContent('Отправить'))
    locale.value = 'en'
    await vi.waitFor(() => expect(container).toHaveTextContent('Send 2 files'))
    messages.value = { buttons: { send: 'Post' } }
    await nextTick()
    expect(container).toHaveTextContent('Post 2 files')
  })

  test('an unknown language falls back to English', async () => {
    locale.value = 'de'
    messages.value = undefined
    const { container } = render(Root)
    await vi.waitFor(() => expect(container).toHaveTextContent('Send'))
  })
})

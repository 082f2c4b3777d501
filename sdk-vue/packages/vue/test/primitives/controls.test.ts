import { render, screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { defineComponent, h, ref, withDirectives } from 'vue'
import { Icon } from '../../src/icons'
import {
  MtAccordion,
  MtAccordionPanel,
  MtButton,
  MtCheckbox,
  MtInput,
  MtRadioButton,
  MtSpinner,
  MtTab,
  MtTabs,
  MtTag,
  vTooltip,
} from '../../src/primitives'
import { violations } from '../axe'

describe('MtTabs', () => {
  const tab = ref('a')
  const Tabs = defineComponent(
    () => () =>
      h(
        MtTabs,
        { modelValue: tab.value, 'aria-label': 'Lists', 'onUpdate:modelValue': (value: string) => (tab.value = value) },
        () => [h(MtTab, { value: 'a', label: 'Mine', badge: 3 }), h(MtTab, { value: 'b', label: 'Others', badge: 0 })],
      ),
  )

  test('W45 move by arrow keys, with one tab stop', async () => {
    render(Tabs)
    const [mine, others] = screen.getAllByRole('tab')
    expect([mine?.tabIndex, others?.tabIndex]).toEqual([0, -1])
    mine?.focus()
    await userEvent.keyboard('{ArrowRight}')
    expect(others).toHaveFocus()
    expect(others).toHaveAttribute('aria-selected', 'true')
  })

  test('a badge of zero is not shown', () => {
    render(Tabs)
    expect(screen.getByRole('tab', { name: /Mine/ })).toHaveTextContent('Mine3')
    expect(screen.getByRole('tab', { name: /Others/ })).toHaveTextContent(/^Others$/)
  })

  test('a tab outside tabs says what is wrong', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    expect(() => render(MtTab, { props: { value: 'a' } })).toThrow('MtTab must be inside MtTabs')
  })
})

test('MtAccordion opens one panel at a time unless it may hold several', async () => {
  const open = ref<string | string[]>('')
  const multiple = ref(false)
  render(
    defineComponent(
      () => () =>
        h(
          MtAccordion,
          {
            modelValue: open.value,
            multiple: multiple.value,
            'onUpdate:modelValue': (v: string | string[]) => (open.value = v),
          },
          () =>
            ['a', 'b'].map((value) => h(MtAccordionPanel, { value, header: `Panel ${value}` }, () => `text ${value}`)),
        ),
    ),
  )
  await userEvent.click(screen.getByText('Panel a'))
  await userEvent.click(screen.getByText('Panel b'))
  expect(open.value).toBe('b')
  multiple.value = true
  await userEvent.click(screen.getByText('Panel a'))
  expect(open.value).toEqual(['b', 'a'])
  expect(screen.getByText('text a')).toBeVisible()
})

test('MtInput offers a way to empty it', async () => {
  const value = ref('abc')
  const onClear = vi.fn()
  render(
    defineComponent(
      () => () =>
        h(MtInput, {
          modelValue: value.value,
          clearable: true,
          'aria-label': 'Search',
          onClear,
          'onUpdate:modelValue': (v: string) => (value.value = v),
        }),
    ),
  )
  await userEvent.click(screen.getByRole('button'))
  expect(value.value).toBe('')
  expect(onClear).toHaveBeenCalledOnce()
  expect(screen.getByRole('textbox', { name: 'Search' })).toHaveFocus()
})

test('MtButton takes no click while it is loading', async () => {
  const onClick = vi.fn()
  render(MtButton, { props: { loading: true, onClick }, slots: { default: 'Save' } })
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  expect(onClick).not.toHaveBeenCalled()
})

test('choices tell what was chosen', async () => {
  const checked = vi.fn()
  const chosen = vi.fn()
  render(MtCheckbox, { props: { modelValue: false, label: 'Mail', 'onUpdate:modelValue': checked } })
  render(MtRadioButton, { props: { modelValue: 1, value: 2, label: 'Two', 'onUpdate:modelValue': chosen } })
  await userEvent.click(screen.getByLabelText('Mail'))
  await userEvent.click(screen.getByLabelText('Two'))
  expect(checked).toHaveBeenCalledWith(true)
  expect(chosen).toHaveBeenCalledWith(2)
})

test('vTooltip sets the title and takes it away again', async () => {
  const text = ref<string | undefined>('Pinned')
  render(defineComponent(() => () => withDirectives(h('i', 'x'), [[vTooltip, text.value]])))
  expect(screen.getByText('x')).toHaveAttribute('title', 'Pinned')
  text.value = undefined
  await vi.waitFor(() => expect(screen.getByText('x')).not.toHaveAttribute('title'))
})

test('an icon that is not on the page from the start keeps its place until its drawing is here', async () => {
  const { container } = render(Icon, { props: { name: 'trash', size: 20 } })
  expect(container.querySelector('.mtchat-icon')).toHaveStyle({ width: '20px', height: '20px' })
  await vi.waitFor(() => expect(container.querySelectorAll('path').length).toBeGreaterThan(1))
})

test('an icon with an unknown name shows nothing and warns in development', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const { container } = render(Icon, { props: { name: 'nothing' as 'pin' } })
  await vi.waitFor(() => expect(container.querySelector('svg')).toBeNull())
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('nothing'))
})

test('W49 axe finds nothing in the small parts', async () => {
  const { container } = render(
    defineComponent(() => () => [
      h(MtTag, { value: 'Order 7' }),
      h(MtSpinner, { label: 'Loading' }),
      h(Icon, { name: 'pin' }),
    ]),
  )
  expect(await violations(container)).toEqual([])
})

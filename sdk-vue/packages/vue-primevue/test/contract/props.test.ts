/** The contract of the primitives (kits.ts): What each primitive may be asked for */
import { describe, expect, test } from 'vitest'
import { type Component } from 'vue'
import { KITS } from '../kits'

const PROPS: Record<string, string> = {
  MtButton: 'variant size disabled loading type icon title',
  MtDialog: 'visible header modal closable maxWidth draggable theme',
  MtMenu: 'items popup theme',
  MtContextMenu: 'items theme',
  MtInput: 'modelValue placeholder type disabled invalid clearable size',
  MtCheckbox: 'modelValue label disabled name',
  MtRadioButton: 'modelValue value label disabled name',
  MtTabs: 'modelValue',
  MtTab: 'value label badge disabled',
  MtAccordion: 'modelValue multiple',
  MtAccordionPanel: 'value header disabled',
  MtTag: 'value',
  MtSpinner: 'size label',
}

/** A part that is fetched on first use has its props when it is there. */
async function declaredProps(part: Component): Promise<string[]> {
  const { __asyncLoader: load } = part as { __asyncLoader?: () => Promise<Component> }
  const { props = {} } = (load ? await load() : part) as { props?: object }
  return Object.keys(props).sort()
}

describe.each(KITS)('$kit', ({ registry }) => {
  test.each(Object.entries(PROPS))('%s has the props of its contract, no more', async (name, props) => {
    expect(await declaredProps(registry[name as keyof typeof registry] as Component)).toEqual(props.split(' ').sort())
  })
})

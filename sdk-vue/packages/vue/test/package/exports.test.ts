import { expect, test } from 'vitest'
import * as client from '../../src/client'
import * as headless from '../../src/headless'
import * as everything from '../../src/index'

const NAMES = {
  components: 'MTChat FileViewer Icon',
  classes: 'MTChatClient MTChatApi MTChatWebSocket MTChatError',
  registry: 'provideRegistry useRegistry REGISTRY_KEY defaultRegistry useRegistryComponent',
  primitives:
    'MtButton MtDialog MtMenu MtContextMenu MtInput MtCheckbox MtRadioButton MtTabs MtTab MtAccordion MtAccordionPanel MtTag MtSpinner vTooltip',
  composables: 'useChat useFileUpload useI18n provideI18n translations',
  attachments: 'getAttachmentType isAllowedFileType isValidFileSize formatFileSize ATTACHMENT_LIMITS getFileIconName',
}

test.each(Object.entries(NAMES))('W53 the main entry exports the %s of the original', (_, names) => {
  for (const name of names.split(' ')) expect(Object.keys(everything)).toContain(name)
})

test('W53 the headless entry has the composables and no component', () => {
  expect(Object.keys(headless)).toEqual(expect.arrayContaining(['useChat', 'useFileUpload', 'MTChatClient']))
  expect(Object.keys(headless)).not.toContain('MTChat')
})

test('W53 the client entry knows no composable', () => {
  expect(Object.keys(client)).toContain('MTChatClient')
  expect(Object.keys(client)).not.toContain('useChat')
})

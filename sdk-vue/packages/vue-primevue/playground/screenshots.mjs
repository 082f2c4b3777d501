/**
 * Pictures of the chat in a PrimeVue page, to be looked at.
 * Usage: CHROMIUM_PATH=… node playground/screenshots.mjs <directory> [part of a picture's name]
 */
import { fileURLToPath } from 'node:url'
import { takePictures } from '../../vue/playground/pictures.mjs'
import { enter, STATES } from './states.mjs'

/** Every picture: its name, the state, what the playground is asked for, and the width of the window. */
function* pictures() {
  for (const page of ['light', 'dark']) {
    for (const [name, { only }] of Object.entries(STATES)) {
      yield [`full-${page}-${name}`, name, { page, host: '1' }, 1280]
      if (!only) yield [`inline-${page}-${name}`, name, { page, mode: 'inline' }, 480]
    }
  }
  yield ['apart-light', 'leave', { page: 'dark', theme: 'light', host: '1' }, 1280]
  yield ['apart-dark', 'leave', { page: 'light', theme: 'dark', host: '1' }, 1280]
  for (const preset of ['lara', 'nora', 'material']) yield [`preset-${preset}`, 'leave', { preset, host: '1' }, 1280]
  yield ['layer-light', 'formatting', { layer: '1', host: '1' }, 1280]
  yield ['layer-menu', 'header-menu', { layer: '1', host: '1' }, 1280]
  yield ['layer-dialog', 'join-dialog', { layer: '1', host: '1' }, 1280]
  yield ['narrow-light', 'chat', { mode: 'inline', locale: 'ru' }, 320]
}

await takePictures(pictures(), enter, fileURLToPath(new URL('vite.config.mjs', import.meta.url)))

import { createApp } from 'vue'
import DemoPage from './DemoPage.vue'
import './demo.css'
import type { DemoPerson } from './people'

const place = document.querySelector<HTMLElement>('#demo')
if (!place) throw new Error('the page has no place for the demo')
const people = JSON.parse(place.dataset.people ?? '[]') as DemoPerson[]

createApp(DemoPage, { people, isInline: place.dataset.page === 'inline' }).mount(place)

import css from '../styles.css?inline'
import { adoptStyles } from './adopt'

/** Brings along the styles of everything that is on the page from the start. */
export function adoptBasics(element: HTMLElement): void {
  adoptStyles(element, css)
}

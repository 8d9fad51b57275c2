/** Start of the page. */
import { render } from 'solid-js/web'
import { Page } from './frame/page.tsx'

render(() => <Page />, document.body)

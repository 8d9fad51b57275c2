import { defineConfig, type Plugin } from 'vite'
import solid from 'vite-plugin-solid'

/** What the page imports before it shows anything. */
const first = new Set<string>()

/** Left to itself, Rolldown puts what the first file shares with later ones into files of their own: more to wait for, one after the other. */
const noteFirst: Plugin = {
  name: 'note-first',
  buildEnd() {
    const next = [...this.getModuleIds()].filter((id) => this.getModuleInfo(id)?.isEntry)
    for (let id = next.pop(); id !== undefined; id = next.pop()) {
      if (first.has(id)) continue
      first.add(id)
      next.push(...(this.getModuleInfo(id)?.importedIds ?? []))
    }
  },
}

/** Asset addresses are relative to `<base href>`, which the server sets: one build serves under any prefix. */
export default defineConfig({
  base: './',
  plugins: [solid(), noteFirst],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: ['chrome123', 'firefox120', 'safari17.5'], // light-dark() sets the floor
    modulePreload: false, // the first file is one, and each later one comes alone
    assetsInlineLimit: 0, // the Content-Security-Policy allows no data: addresses
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'index', test: (id) => first.has(id) }] } } },
  },
})

import { defineConfig } from 'vite'
import solid from 'vite-plugin-solid'

/** Asset addresses are relative to `<base href>`, which the server sets: one build serves under any prefix. */
export default defineConfig({
  base: './',
  plugins: [solid()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: ['chrome123', 'firefox120', 'safari17.5'], // light-dark() sets the floor
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the Content-Security-Policy allows no data: addresses
  },
})

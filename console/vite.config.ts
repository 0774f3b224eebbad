// How the console is bundled: below /console/, hashed files in files/, into dist/console.
// The one thing to know: `npm run build` calls this through scripts/build.mjs; there is no second way to build it.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** A server to develop against: `vite console` then takes its API from there. */
const BACKEND = process.env.SIGNALBOX_DEV_BACKEND ?? 'http://127.0.0.1:7070';

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // Not `assets`: that is the address of a screen.
    assetsDir: 'files',
    target: 'es2023',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': BACKEND, '/docs': BACKEND, '/openapi.json': BACKEND, '/widget.js': BACKEND } },
});

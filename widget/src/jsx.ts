// What the build puts in front of every screen, to make elements with (scripts/build-widget.mjs).
// Not here: the screens; none imports this. The one thing to know: `h` is in Preact's core in any case, and the runtime
// that TypeScript checks against would be a second one.
export { Fragment, h } from 'preact';

// A style sheet is imported as its text: the build sees to it.
// The one thing to know: it is adopted by the shadow root, and never stands in the page.
declare module '*.css' {
  const text: string;
  export default text;
}

// A style sheet is imported as its text: the build sees to it.
declare module '*.css' {
  const text: string;
  export default text;
}

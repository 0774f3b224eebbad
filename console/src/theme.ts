// The look: ink and paper, and one signal colour. Colours, sizes and the defaults of components.
// Not here: layout (styles.css, shell/). The one thing to know: `primary` is ink on paper and amber on ink, so that the
// one thing to press is the one thing that stands out in both schemes; amber itself stays the mark of "here, now".
import {
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
  type MantineThemeOverride,
  virtualColor,
} from '@mantine/core';

/** Also read by public/scheme.js, before anything is painted. */
export const schemeManager = localStorageColorSchemeManager({ key: 'signalbox-scheme' });

const amber: MantineColorsTuple = [
  '#fff6e0',
  '#ffeac2',
  '#ffd98a',
  '#ffc64f',
  '#ffb31a',
  '#f5a300',
  '#d98a00',
  '#9a5f00',
  '#7d4d00',
  '#5f3a00',
];
const ink: MantineColorsTuple = [
  '#eef3f7',
  '#dde6ee',
  '#bccddb',
  '#97b0c4',
  '#7191aa',
  '#527590',
  '#3b5c76',
  '#254258',
  '#1b3244',
  '#122331',
];
/** Greys with a breath of blue; the dark ones are the faces of the night scheme. */
const gray: MantineColorsTuple = [
  '#f6f8fa',
  '#edf1f4',
  '#e1e7ec',
  '#d0d8df',
  '#b4bfc9',
  '#8b98a5',
  '#576675',
  '#45525f',
  '#2f3a45',
  '#1b242d',
];
const dark: MantineColorsTuple = [
  '#dbe3ea',
  '#bcc8d3',
  '#9aa9b7',
  '#6f8192',
  '#3a4a59',
  '#2b3845',
  '#1e2933',
  '#151e27',
  '#0f171e',
  '#0a1016',
];

export const theme: MantineThemeOverride = createTheme({
  colors: {
    amber,
    ink,
    gray,
    dark,
    primary: virtualColor({ name: 'primary', light: 'ink', dark: 'amber' }),
  },
  primaryColor: 'primary',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  black: '#16222e',
  defaultRadius: 'sm',
  radius: { xs: '3px', sm: '5px', md: '8px', lg: '12px', xl: '20px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily:
    'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", "Segoe UI Mono", "Roboto Mono", Menlo, Consolas, monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.25rem', xl: '1.75rem' },
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.25' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h4: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true, events: { hover: true, focus: true, touch: true } } },
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.45, blur: 1 },
        // It is made of <header>, which would be a second banner of the page.
        attributes: { header: { role: 'none' } },
      },
    },
    Paper: { defaultProps: { withBorder: true, radius: 'md' } },
    Card: { defaultProps: { withBorder: true, radius: 'md', padding: 'md' } },
    Anchor: { defaultProps: { underline: 'hover' } },
  },
});

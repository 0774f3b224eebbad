// Sets colours, language and direction before the first paint. A file of its own, because inline scripts are forbidden.
// The keys are the same as in src/theme.ts and src/i18n/locale.ts.
(() => {
  const kept = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const root = document.documentElement;
  const chosen = kept('signalbox-scheme');
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
  const locale = kept('signalbox-locale') ?? (navigator.language.startsWith('ar') ? 'ar' : 'en');
  root.lang = locale === 'ar' ? 'ar' : 'en';
  root.dir = locale === 'ar' ? 'rtl' : 'ltr';
})();

// The mark: a semaphore's arm, raised. And the name beside it.
// The one thing to know: it stands on dark ground in both schemes unless told otherwise.
import classes from './Brand.module.css';

export function Brand({ onPaper = false }: { onPaper?: boolean }) {
  return (
    <span className={classes.root} data-paper={onPaper || undefined}>
      <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
        <path d="M9 28V4" stroke="currentColor" strokeWidth="3" strokeLinecap="round" opacity="0.55" />
        <path d="M9 7.5 27 12.5l-1.8 6.6L9 14.6z" fill="var(--sb-signal)" />
        <circle cx="9" cy="11" r="3" fill="var(--sb-panel)" stroke="currentColor" strokeWidth="1.8" />
      </svg>
      Signalbox
    </span>
  );
}

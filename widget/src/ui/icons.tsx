// The few drawings that the widget needs, as SVG in the current colour.
// The one thing to know: all are decoration; words stand beside them.
import type { ComponentChildren } from 'preact';

function Icon({ children, flip = false }: { children: ComponentChildren; flip?: boolean }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" class={flip ? 'icon flip' : 'icon'}>
      {children}
    </svg>
  );
}

export const ChatIcon = () => (
  <Icon>
    <path d="M12 4c-5 0-9 3-9 7.5s4 7.5 9 7.5l1 0 5 2-1-4c2.5-1.5 4-3.5 4-5.5 0-4.5-4-7.5-9-7.5Z" />
  </Icon>
);
export const DownIcon = () => (
  <Icon>
    <path d="m6 9.5 6 6 6-6" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="m6.5 6.5 11 11m0-11-11 11" />
  </Icon>
);
export const SendIcon = () => (
  <Icon flip>
    <path d="M4.5 12h7M4.5 12 3.2 5.6c-.2-.8.6-1.4 1.3-1.1l15.3 6.7c.7.3.7 1.3 0 1.6L4.5 19.5c-.7.3-1.5-.3-1.3-1.1L4.5 12Z" />
  </Icon>
);
export const ClipIcon = () => (
  <Icon>
    <path d="m19.5 11.5-7.6 7.6a4.8 4.8 0 0 1-6.8-6.8l8-8a3.2 3.2 0 0 1 4.6 4.6l-8 8a1.6 1.6 0 0 1-2.3-2.3l7.2-7.2" />
  </Icon>
);
export const FileIcon = () => (
  <Icon>
    <path d="M13.5 3.5H7a1.5 1.5 0 0 0-1.5 1.5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5l-5-5Zm0 0v5h5" />
  </Icon>
);
export const ClockIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="8" />
    <path d="M12 7.5v4.8l3 1.8" />
  </Icon>
);
export const AlertIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 7.5v5.5m0 3v.1" />
  </Icon>
);
export const TickIcon = ({ twice }: { twice: boolean }) => (
  <Icon>{twice ? <path d="m2.5 13 4 4 8.5-9.5M11.5 16l1 1 9-9.5" /> : <path d="m5.5 13 4 4 9-9.5" />}</Icon>
);
export const BotIcon = () => (
  <Icon>
    <rect x="4.5" y="8" width="15" height="11" rx="3.5" />
    <path d="M12 4.5V8M9.3 13v.8M14.7 13v.8" />
  </Icon>
);

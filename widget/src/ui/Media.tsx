// A picture, a sound, a film or a file in a bubble; and what stands in its place where it cannot be shown.
// The one thing to know: a page's policy may forbid foreign pictures; then it is fetched (which the policy must allow, or
// there were no chat) and painted, and if that fails it is a link.
import { useState } from 'preact/hooks';
import type { WireMedium } from '../../../src/channels/webchat/protocol.ts';
import type { Words } from '../words/words.ts';
import { FileIcon } from './icons.tsx';
import { safeHref } from './links.ts';

type Kind = 'image' | 'video' | 'audio' | 'file';
type Props = { medium: WireMedium; words: Words };

const kindOf = (type: string): Kind => {
  const word = type.toLowerCase().split('/')[0];
  return word === 'image' || word === 'video' || word === 'audio' ? word : 'file';
};

export function Medium({ medium, words }: Props) {
  const kind = kindOf(medium.type);
  const href = medium.url === null ? undefined : safeHref(medium.url);
  const [failed, setFailed] = useState(false);
  const label = medium.name || words.say(kind);
  if (href !== undefined && !failed) {
    const fail = (): void => setFailed(true);
    if (kind === 'image') return <Picture href={href} label={label} words={words} fail={fail} />;
    // biome-ignore lint/a11y/useMediaCaption: what customers and bots send has no captions
    if (kind === 'video') return <video class="film" src={href} controls preload="metadata" onError={fail} />;
    // biome-ignore lint/a11y/useMediaCaption: what customers and bots send has no captions
    if (kind === 'audio') return <audio class="sound" src={href} controls preload="metadata" onError={fail} />;
  }
  return <FileCard medium={medium} href={href} label={label} words={words} />;
}

function FileCard({ medium, href, label, words }: Props & { href: string | undefined; label: string }) {
  const inside = (
    <>
      <FileIcon />
      <span class="file-words">
        <bdi class="file-name">{label}</bdi>
        <span class="file-size">{medium.bytes === undefined ? '' : sizeOf(medium.bytes, words.locale)}</span>
      </span>
    </>
  );
  if (href === undefined) return <span class="file">{inside}</span>;
  return (
    <a class="file" href={href} target="_blank" rel="noopener noreferrer nofollow">
      {inside}
      <span class="hidden"> ({words.say('newTab')})</span>
    </a>
  );
}

/** Pictures are painted no larger than a bubble is on a sharp screen. */
const PAINTED_PX = 640;

function Picture({ href, label, words, fail }: { href: string; label: string; words: Words; fail: () => void }) {
  const [forbidden, setForbidden] = useState(false);
  const draw = (canvas: HTMLCanvasElement | null): void => {
    if (canvas !== null && canvas.dataset.href !== href) paint(href, canvas).catch(fail);
  };
  return (
    <a class="picture" href={href} target="_blank" rel="noopener noreferrer nofollow">
      {forbidden ? (
        <canvas ref={draw} role="img" aria-label={label} />
      ) : (
        <img src={href} alt={label} loading="lazy" decoding="async" onError={() => setForbidden(true)} />
      )}
      <span class="hidden"> ({words.say('newTab')})</span>
    </a>
  );
}

async function paint(href: string, canvas: HTMLCanvasElement): Promise<void> {
  canvas.dataset.href = href;
  const answer = await fetch(href, { credentials: 'omit' });
  if (!answer.ok) throw new Error(`the picture is not there: ${answer.status}`);
  const bitmap = await createImageBitmap(await answer.blob());
  const scale = Math.min(1, PAINTED_PX / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
}

export function sizeOf(bytes: number, locale: string): string {
  const [value, unit] = bytes < 1_000_000 ? [Math.max(0.1, bytes / 1000), 'kilobyte'] : [bytes / 1_000_000, 'megabyte'];
  const digits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: digits }).format(value);
}

// A short sound when somebody needs an agent, made here and not loaded, and whether it is wanted.
// The one thing to know: browsers let a page sound only after it was pressed or typed in once.
import { useState } from 'react';

const KEY = 'signalbox-sound';
const TONES = [660, 880];
const TONE_S = 0.11;
const LOUD = 0.08;

let context: AudioContext | undefined;
const isWanted = (): boolean => localStorage.getItem(KEY) !== 'off';

/** Two soft tones, rising. */
export function beep(): void {
  if (!isWanted() || navigator.userActivation?.hasBeenActive === false) return;
  context ??= new AudioContext();
  const begin = context.currentTime;
  for (const [index, hertz] of TONES.entries()) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const from = begin + index * TONE_S;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(LOUD, from + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + TONE_S);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + TONE_S);
  }
}

export function useSound(): [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(isWanted);
  return [
    on,
    (next) => {
      localStorage.setItem(KEY, next ? 'on' : 'off');
      setOn(next);
      if (next) beep();
    },
  ];
}

// What is taken for what: by bytes, not by words; and what a stranger's file is called here.
// Not here: the road of a file through the program (test/flows/web-chat.test.ts).
import { describe, expect, it } from 'vitest';
import { kindOf, saneName } from './kinds.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const mp4 = (brand: string) => bytes(`\0\0\0\x18ftyp${brand}\0\0\0\0`);

describe('the kind of a file', () => {
  it.each([
    ['\x89PNG\r\n\x1a\n....', 'text/html', 'image/png'],
    ['\xff\xd8\xff\xe0', '', 'image/jpeg'],
    ['GIF89a', 'image/png', 'image/gif'],
    ['RIFF....WEBPVP8 ', '', 'image/webp'],
    ['RIFF....WAVEfmt ', '', 'audio/wav'],
    ['RIFF....AVI LIST', 'video/x-msvideo', null],
    ['OggS\0\x02', 'audio/ogg', 'audio/ogg'],
    ['ID3\x04', 'audio/mpeg', 'audio/mpeg'],
    ['\xff\xfb\x90\x64', 'audio/mpeg', 'audio/mpeg'],
    ['\xff\xff\xff\xff', 'audio/mpeg', null],
    ['\x1aE\xdf\xa3....webm', 'audio/webm;codecs=opus', 'audio/webm'],
    ['\x1aE\xdf\xa3....webm', 'video/webm', 'video/webm'],
    ['\x1aE\xdf\xa3....matroska', 'video/webm', null],
    ['%PDF-1.7', 'application/pdf', 'application/pdf'],
    ['<?xml version="1.0"?><svg onload="x"/>', 'image/svg+xml', null],
    ['<!DOCTYPE html>', 'text/plain', null],
    ['  <script>', 'text/plain', null],
    ['\xff\xfe<\0s\0', 'text/plain', null],
    ['MZ\x90\0', 'application/octet-stream', null],
    ['PK\x03\x04', 'application/zip', null],
    ['just words', 'text/plain; charset=utf-8', 'text/plain'],
    ['just words', 'text/csv', null],
    ['just words', '', null],
    ['bell \x07', 'text/plain', null],
    ['escape \x1b[31m', 'text/plain', null],
    ['a < b and <3', 'text/plain', 'text/plain'],
  ])('%j, said to be %j, is %j', (text, declared, kind) => {
    expect(kindOf(bytes(text), declared, true)).toBe(kind);
  });

  it.each([
    ['isom', '', 'video/mp4'],
    ['M4A ', '', 'audio/mp4'],
    ['mp42', 'audio/mp4', 'audio/mp4'],
    ['heic', 'image/heic', null],
  ])('of brand %j, said to be %j, is %j', (brand, declared, kind) => {
    expect(kindOf(mp4(brand), declared, true)).toBe(kind);
  });

  it('is plain text when the head ends in the middle of a character, but not when the file does', () => {
    const cut = Buffer.from('grün').subarray(0, 3);
    expect(kindOf(cut, 'text/plain', false)).toBe('text/plain');
    expect(kindOf(cut, 'text/plain', true)).toBeNull();
  });
});

describe('the name of a file', () => {
  it.each([
    ['cat.png', 'image/png', 'cat.png'],
    ['cat.PNG', 'image/png', 'cat.png'],
    ['cat.html', 'image/png', 'cat.html.png'],
    ['../../etc/passwd', 'text/plain', 'passwd.txt'],
    ['..\\..\\boot.ini', 'text/plain', 'boot.ini.txt'],
    ['', 'image/jpeg', 'image.jpg'],
    ['.htaccess', 'text/plain', 'htaccess.txt'],
    ['a\u202egnp.exe', 'image/png', 'agnp.exe.png'],
    ['<img src=x onerror=alert(1)>.png', 'image/png', 'img src=x onerror=alert(1).png'],
    ['line\r\nbreak: x.pdf', 'application/pdf', 'linebreak x.pdf'],
    ['offer.docx', 'application/octet-stream', 'offer.docx'],
    ['page.html', 'application/octet-stream', 'page.html.bin'],
    ['setup.exe', 'application/octet-stream', 'setup.exe.bin'],
    ['Größe 日本.pdf', 'application/pdf', 'Größe 日本.pdf'],
    ['x'.repeat(300), 'application/pdf', `${'x'.repeat(100)}.pdf`],
  ])('%j of type %s is %j', (given, type, name) => {
    expect(saneName(given, type)).toBe(name);
  });

  it('with a long row of dots is made in no time', () => {
    const began = performance.now();
    saneName(`a${'.'.repeat(100_000)}b`, 'image/png');
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

// Passwords: what is kept of them, what is the same, and how much work runs at once.
import { expect, it } from 'vitest';
import { createPasswords } from './passwords.ts';

const passwords = createPasswords();

it('keeps a PHC string with a salt of its own each time, and knows the password again by it', async () => {
  const [one, two] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
  expect(one).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(one).not.toBe(two);
  const tries = ['correct horse', 'correct horsf', 'correct horse '].map((each) => passwords.check(each, one));
  expect(await Promise.all(tries)).toEqual([true, false, false]);
});

it('takes the same letters of another keyboard for the same', async () => {
  const composed = await passwords.hash('caf\u00e9 au lait');
  expect(await passwords.check('cafe\u0301 au lait', composed)).toBe(true);
});

it('reads the cost from the string, so that it can change', async () => {
  // of `old password`, with less work
  const { scryptSync } = await import('node:crypto');
  const salt = Buffer.from('0123456789abcdef');
  const hash = scryptSync('old password', salt, 32, { N: 2 ** 10, r: 8, p: 1 });
  const bare = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
  const phc = `$scrypt$ln=10,r=8,p=1$${bare(salt)}$${bare(hash)}`;
  expect([await passwords.check('old password', phc), await passwords.check('another', phc)]).toEqual([true, false]);
});

it('works as long on an account that is not there', async () => {
  const known = await passwords.hash('correct horse');
  const time = async (phc: string | null): Promise<number> => {
    const begin = performance.now();
    expect(await passwords.check('a guess', phc)).toBe(false);
    return performance.now() - begin;
  };
  const [there, nowhere] = [await time(known), await time(null)];
  expect(nowhere).toBeGreaterThan(there / 4);
  expect(nowhere).toBeGreaterThan(50);
});

it('lets few wait, and tells the rest', async () => {
  const busy = createPasswords();
  const all = await Promise.all(Array.from({ length: 60 }, () => busy.check('x', '$scrypt$ln=1,r=1,p=1$AAAA$AAAA')));
  expect(all.filter((each) => each === null)).toHaveLength(18);
  expect(await busy.check('x', null)).toBe(false);
});

it('does not take a damaged string for a password that was wrong', async () => {
  await expect(passwords.check('x', 'plain')).rejects.toThrow('no PHC string');
});

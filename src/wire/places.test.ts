// Places and contacts as text, there and back, and what is neither.
import { describe, expect, it } from 'vitest';
import { personIn, personText, placeIn, placeOf, placeText } from './places.ts';

describe('a place', () => {
  it.each([
    ['51.5,-0.12', { latitude: 51.5, longitude: -0.12 }],
    [' 51.5 , -0.12  The bridge ', { latitude: 51.5, longitude: -0.12, name: 'The bridge' }],
    ['0,0', { latitude: 0, longitude: 0 }],
    ['-90,180 end', { latitude: -90, longitude: 180, name: 'end' }],
  ])('is read from %j', (text, place) => expect(placeIn({ text })).toEqual(place));

  it.each([[''], ['here'], ['91,0'], ['0,181'], ['1'], ['1,2,3'], ['1e5,2'], ['NaN,1'], [`1,${'1'.repeat(9999)}`]])(
    'is not %j',
    (text) => expect(placeIn({ text })).toBeNull(),
  );

  it('is told as it was read with all its details', () => {
    const location = { latitude: 1, longitude: 2, name: 'Home', address: 'Street 1' };
    expect(placeIn({ text: 'no matter', details: { location } })).toEqual(location);
    expect(placeText(location)).toBe('1,2 Home');
  });

  it('is written without exponents', () =>
    expect(placeText({ latitude: 1e-9, longitude: -0.0000014 })).toBe('0,-0.000001'));

  it.each([
    [Number.NaN, 0],
    [0, Number.POSITIVE_INFINITY],
    ['1', 2],
    [null, undefined],
  ])('is none at %j, %j', (latitude, longitude) => expect(placeOf(latitude, longitude)).toBeNull());
});

describe('a contact', () => {
  it.each([
    ['First Last +1 555 0100', { name: 'First Last', phones: ['+1 555 0100'] }],
    ['First: (555) 0100, +15550101', { name: 'First', phones: ['(555) 0100', '+15550101'] }],
    ['+15550100', { name: '+15550100', phones: ['+15550100'] }],
  ])('is read from %j', (text, person) => expect(personIn({ text })).toEqual(person));

  it.each([[''], ['First Last'], ['First 12'], ['First 5550100 at work'], ['555-']])('is not %j', (text) =>
    expect(personIn({ text })).toBeNull(),
  );

  it('comes back as it was written', () => {
    const person = { name: 'First Last', phones: ['+15550100', '+15550101'] };
    expect(personIn({ text: personText(person) })).toEqual(person);
    expect(personText({ name: 'First' })).toBe('First');
  });

  it('is told as it was read with all its details', () => {
    const contacts = [{ name: 'No number' }, { name: 'First', phones: ['+15550100'] }];
    expect(personIn({ text: '', details: { contacts } })).toEqual(contacts[1]);
  });
});

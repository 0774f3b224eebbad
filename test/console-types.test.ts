// The console knows the API by types that are made from the API itself: nobody writes them by hand, and none is late.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, openHouse } from '../src/http/fixtures/house.ts';
import { typesOf } from './tidy/openapi-types.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ publicUrl: 'https://chat.example.com' });
});
afterAll(() => house.close());

it("the console's types are those of the API (`-u` writes them anew)", async () => {
  const document = (await house.call('GET', '/openapi.json', { key: null })).body;
  await expect(typesOf(document)).toMatchFileSnapshot('../console/src/api/schema.ts');
});

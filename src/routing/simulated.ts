// Which customers are the simulator's: their addresses say so.
// Not here: the simulator (src/engine/simulator.ts). The one thing to know: no channel may bring in such an address
// (customer.ts refuses it), so nobody outside can become a customer to whom nothing is sent.

/** How the address of a simulated customer begins, on any asset. */
export const SIMULATED = 'sim-';

export const isSimulated = (address: string): boolean => address.startsWith(SIMULATED);

/** Begins with the field's name, as refusals do that point at one. */
export const NOT_SIMULATED = `address: must begin with “${SIMULATED}” in the simulator, and nowhere else`;

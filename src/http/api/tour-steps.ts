// The steps of the tour through `dev`'s demo, in the order in which they are best taken.
// Not here: when one is done (src/demo/tour.ts) and what it says (the console's home screen, the demo's page).
export const TOUR_STEPS = [
  'asked',
  'online',
  'handed_over',
  'claimed',
  'answered',
  'returned',
  'broken',
  'recovered',
] as const;
export type TourStep = (typeof TOUR_STEPS)[number];

// What the mock bot shows in every answer. Alone here, because importing the bot would start it.
export const TOKEN = 'bench-verification-token';

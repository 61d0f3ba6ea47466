const ADJECTIVES = [
  "Amber",
  "Blue",
  "Quiet",
  "Bright",
  "Copper",
  "Gentle",
  "Golden",
  "Hazel",
  "Indigo",
  "Jade",
  "Keen",
  "Lively",
  "Mellow",
  "Nimble",
  "Olive",
  "Patient",
  "Plum",
  "Rosy",
  "Sage",
  "Silver",
  "Sunny",
  "Teal",
  "Velvet",
  "Warm",
] as const;

const ANIMALS = [
  "Otter",
  "Finch",
  "Heron",
  "Fox",
  "Owl",
  "Hedgehog",
  "Badger",
  "Whale",
  "Turtle",
  "Bee",
  "Koala",
  "Panda",
  "Swan",
  "Dolphin",
  "Squirrel",
  "Penguin",
  "Robin",
  "Seal",
  "Rabbit",
  "Snail",
  "Llama",
  "Moth",
  "Crab",
  "Frog",
] as const;

/** FNV-1a with 32 bits. Names and colours depend on it, so it gives the same value on every device. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value ^= text.charCodeAt(i);
    value = Math.imul(value, 0x01000193);
  }
  return value >>> 0;
}

/** The default guest name, made from a seed: "Amber Otter". */
export function guestNameFor(seed: string): string {
  const seedHash = hash(seed);
  const adjective = ADJECTIVES[seedHash % ADJECTIVES.length] ?? "Amber";
  const animal = ANIMALS[Math.floor(seedHash / ADJECTIVES.length) % ANIMALS.length] ?? "Otter";
  return `${adjective} ${animal}`;
}

/**
 * The content of an avatar: up to three characters that the participant chose, else initials. Pictographs are not used:
 * not every system has a font for them, and an empty box says less than two letters.
 */
export function avatarText(name: string, avatar: string | null): string {
  const chosen = [...(avatar ?? "")];
  if (chosen.length > 0 && chosen.length <= 3 && chosen.every((sign) => /[\p{L}\p{N}]/u.test(sign)))
    return chosen.join("");
  // "Ada (2)" is the second person with this name.
  const numbered = /^(.*) \((\d{1,2})\)$/u.exec(name.trim());
  if (numbered !== null) return ([...(numbered[1] ?? "")][0] ?? "?").toLocaleUpperCase() + numbered[2];
  const words = name.trim().split(/\s+/u);
  const first = [...(words[0] ?? "")][0] ?? "?";
  const second = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + second).toLocaleUpperCase();
}

/** A guest name for a person who has no identity yet. */
export function randomGuestName(): string {
  return guestNameFor(Math.random().toString(36));
}

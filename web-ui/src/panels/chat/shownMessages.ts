/** The messages of a long chat are rendered in chunks of this many, so that a new message concerns one chunk. */
export const CHUNK = 50;

/** The number of chunks that are rendered while the reader is at the end. The last one may have one message only. */
const CHUNKS_AT_END = 3;

/** The number of chunks that are added when the reader comes near the first rendered message. */
const CHUNKS_EARLIER = 2;

const chunkStart = (index: number): number => Math.floor(Math.max(0, index) / CHUNK) * CHUNK;

/** The first message that is rendered for a reader at the end of `count` messages. */
export const firstAtEnd = (count: number): number =>
  Math.max(0, chunkStart(count - 1) - (CHUNKS_AT_END - 1) * CHUNK);

/** The first message that is rendered when the reader asks for earlier messages. */
export const earlier = (first: number): number => Math.max(0, first - CHUNKS_EARLIER * CHUNK);

/**
 * The first message that is rendered now. A reader who has scrolled up keeps the messages; at the end, earlier messages
 * are left out again. The first unread message is always rendered.
 */
export function firstShown(
  current: number,
  { count, atEnd, unread }: { readonly count: number; readonly atEnd: boolean; readonly unread: number },
): number {
  const first = atEnd ? firstAtEnd(count) : Math.min(current, firstAtEnd(count));
  return unread < 0 ? first : Math.min(first, chunkStart(unread));
}

/** The chunks from the first rendered message to the last, as pairs of start and end. */
export function chunksFrom(first: number, count: number): readonly (readonly [number, number])[] {
  const chunks: [number, number][] = [];
  for (let start = first; start < count; start += CHUNK) chunks.push([start, Math.min(start + CHUNK, count)]);
  return chunks;
}

package dev.parlor.crdt.graph;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of a log's chunks, copied end to end into segments. A change takes twelve bytes besides
 * its own and never keeps a whole network frame in memory. Written bytes never change, so other
 * threads may use views of them.
 */
final class ChunkLog {

  private static final int SEGMENT_START = 1 << 10;
  private static final int SEGMENT_MAX = 1 << 16;

  /** Chunks of this size and more that do not fit get a segment of their own. */
  private static final int LARGE = SEGMENT_MAX / 8;

  private final List<byte[]> segments = new ArrayList<>(2);

  /** The segment being filled, and its fill level. */
  private byte[] open = {};

  private int openIndex;
  private int used;

  /** Segment and offset per chunk. */
  private long[] places = new long[16];

  private int[] lengths = new int[16];
  private int size;
  private long bytes;

  long bytes() {
    return bytes;
  }

  void add(Bytes chunk) {
    if (size == places.length) {
      places = Arrays.copyOf(places, Math.multiplyExact(size, 2));
      lengths = Arrays.copyOf(lengths, Math.multiplyExact(size, 2));
    }
    if (chunk.length() <= open.length - used) {
      put(chunk, openIndex, used);
      used += chunk.length();
    } else if (chunk.length() >= LARGE) {
      segments.add(new byte[chunk.length()]);
      put(chunk, segments.size() - 1, 0);
    } else {
      var doubled = Math.min(SEGMENT_MAX, Math.max(SEGMENT_START, open.length * 2));
      open = new byte[Math.max(doubled, chunk.length())];
      segments.add(open);
      openIndex = segments.size() - 1;
      put(chunk, openIndex, 0);
      used = chunk.length();
    }
    lengths[size] = chunk.length();
    bytes += chunk.length();
    size++;
  }

  private void put(Bytes chunk, int segment, int offset) {
    chunk.copyTo(segments.get(segment), offset);
    places[size] = ((long) segment << 32) | offset;
  }

  Bytes get(int position) {
    var place = places[position];
    return Bytes.wrap(segments.get((int) (place >>> 32)), (int) place, lengths[position]);
  }

  int length(int position) {
    return lengths[position];
  }
}

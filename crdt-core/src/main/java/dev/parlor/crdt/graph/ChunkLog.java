package dev.parlor.crdt.graph;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of a log's chunks, copied end to end into segments. A change takes twelve bytes besides
 * its chunk. The copy lets the garbage collector free the network frame that contained the chunk.
 * Written bytes never change, so other threads may use views of them.
 */
final class ChunkLog {

  private static final int SEGMENT_BYTES_MIN = 1 << 10;
  private static final int SEGMENT_BYTES_MAX = 1 << 16;

  /** A chunk of at least this size gets its own segment if it does not fit into the open one. */
  private static final int LARGE_CHUNK_BYTES = SEGMENT_BYTES_MAX / 8;

  private final List<byte[]> segments = new ArrayList<>(2);

  /** The segment being filled, and its fill level. */
  private byte[] open = {};

  private int openIndex;
  private int used;

  /** Segment (high 32 bits) and offset (low 32 bits) of each chunk. */
  private long[] locations = new long[16];

  private int[] lengths = new int[16];
  private int size;
  private long bytes;

  long bytes() {
    return bytes;
  }

  void add(Bytes chunk) {
    if (size == locations.length) {
      locations = Arrays.copyOf(locations, Math.multiplyExact(size, 2));
      lengths = Arrays.copyOf(lengths, Math.multiplyExact(size, 2));
    }
    if (chunk.length() <= open.length - used) {
      put(chunk, openIndex, used);
      used += chunk.length();
    } else if (chunk.length() >= LARGE_CHUNK_BYTES) {
      segments.add(new byte[chunk.length()]);
      put(chunk, segments.size() - 1, 0);
    } else {
      var doubled = Math.min(SEGMENT_BYTES_MAX, Math.max(SEGMENT_BYTES_MIN, open.length * 2));
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
    locations[size] = ((long) segment << 32) | offset;
  }

  Bytes get(int position) {
    var location = locations[position];
    return Bytes.wrap(segments.get((int) (location >>> 32)), (int) location, lengths[position]);
  }

  int length(int position) {
    return lengths[position];
  }
}

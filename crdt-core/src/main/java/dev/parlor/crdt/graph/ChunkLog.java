package dev.parlor.crdt.graph;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The chunks of a graph's changes in the order of their addition, copied end to end into segments.
 * Each chunk takes twelve bytes more than its length. The copy lets the garbage collector free the
 * network frame that contained the chunk. Written bytes never change, so other threads may use
 * views of them.
 */
final class ChunkLog {

  private static final int SEGMENT_BYTES_MIN = 1 << 10;
  private static final int SEGMENT_BYTES_MAX = 1 << 16;

  /** A chunk of at least this size gets its own segment if it does not fit into the open one. */
  private static final int LARGE_CHUNK_BYTES = SEGMENT_BYTES_MAX / 8;

  private final List<byte[]> segments = new ArrayList<>(2);

  /** The segment being filled. */
  private byte[] openSegment = {};

  private int openSegmentIndex;
  private int openSegmentUsedBytes;

  /** Segment (high 32 bits) and offset (low 32 bits) of each chunk. */
  private long[] locations = new long[16];

  private int[] lengths = new int[16];
  private int chunkCount;
  private long totalBytes;

  /** The bytes of all chunks together. */
  long totalBytes() {
    return totalBytes;
  }

  void add(Bytes chunk) {
    if (chunkCount == locations.length) {
      locations = Arrays.copyOf(locations, Math.multiplyExact(chunkCount, 2));
      lengths = Arrays.copyOf(lengths, Math.multiplyExact(chunkCount, 2));
    }
    if (chunk.length() <= openSegment.length - openSegmentUsedBytes) {
      put(chunk, openSegmentIndex, openSegmentUsedBytes);
      openSegmentUsedBytes += chunk.length();
    } else if (chunk.length() >= LARGE_CHUNK_BYTES) {
      segments.add(new byte[chunk.length()]);
      put(chunk, segments.size() - 1, 0);
    } else {
      var segmentBytes =
          Math.min(SEGMENT_BYTES_MAX, Math.max(SEGMENT_BYTES_MIN, openSegment.length * 2));
      openSegment = new byte[Math.max(segmentBytes, chunk.length())];
      segments.add(openSegment);
      openSegmentIndex = segments.size() - 1;
      put(chunk, openSegmentIndex, 0);
      openSegmentUsedBytes = chunk.length();
    }
    lengths[chunkCount] = chunk.length();
    totalBytes += chunk.length();
    chunkCount++;
  }

  private void put(Bytes chunk, int segment, int offset) {
    chunk.copyTo(segments.get(segment), offset);
    locations[chunkCount] = ((long) segment << 32) | offset;
  }

  Bytes get(int position) {
    var location = locations[position];
    return Bytes.wrap(segments.get((int) (location >>> 32)), (int) location, lengths[position]);
  }

  int length(int position) {
    return lengths[position];
  }
}

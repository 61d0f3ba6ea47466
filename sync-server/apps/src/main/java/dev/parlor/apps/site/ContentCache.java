package dev.parlor.apps.site;

import dev.parlor.apps.content.ContentId;
import dev.parlor.crdt.identity.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;

/**
 * The files that were served last, in memory by their content id. At the limit, the files that were
 * not requested for longest are removed. Safe from any thread.
 */
public final class ContentCache {

  /** A file above this part of the limit is not cached: it would remove too many others. */
  private static final int PARTS_MIN = 8;

  private final long bytesMax;
  private final Executor filling;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final Map<ContentId, Bytes> files = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * @param bytesMax bytes of all files in the cache
   * @param filling runs each addition, so that it does not delay an answer
   */
  public ContentCache(long bytesMax, Executor filling) {
    this.bytesMax = bytesMax;
    this.filling = filling;
  }

  /** The file, if it is cached. */
  Optional<Bytes> get(ContentId id) {
    Bytes found;
    synchronized (files) {
      found = files.get(id);
    }
    (found == null ? misses : hits).increment();
    return Optional.ofNullable(found);
  }

  /** Adds a file later, on the executor. */
  void fill(ContentId id, Bytes content) {
    if (content.length() <= bytesMax / PARTS_MIN) {
      filling.execute(() -> add(id, content));
    }
  }

  private void add(ContentId id, Bytes content) {
    synchronized (files) {
      if (files.putIfAbsent(id, content) != null) {
        return;
      }
      bytes += content.length();
      var oldest = files.entrySet().iterator();
      while (bytes > bytesMax) {
        bytes -= oldest.next().getValue().length();
        oldest.remove();
      }
    }
  }

  /** Files that were found in the cache since the start. */
  public long hits() {
    return hits.sum();
  }

  /** Files that were not found in the cache since the start. */
  public long misses() {
    return misses.sum();
  }

  /** The bytes in the cache now. */
  public long bytes() {
    synchronized (files) {
      return bytes;
    }
  }
}

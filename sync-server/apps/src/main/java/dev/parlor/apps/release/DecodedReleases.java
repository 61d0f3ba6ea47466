package dev.parlor.apps.release;

import dev.parlor.apps.limits.AppLimits;
import dev.parlor.crdt.identity.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The releases that were requested last, decoded. An entry counts only for the bytes that it was
 * decoded from, so a changed record is decoded again. At the limit, the least recently used release
 * is dropped. Safe from any thread.
 */
final class DecodedReleases {

  private record Name(String userSlug, String appSlug, long number) {}

  private record Decoded(Bytes stored, Release release) {}

  private final Map<Name, Decoded> releases =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Name, Decoded> eldest) {
          return size() > AppLimits.DECODED_RELEASES_MAX;
        }
      };

  /**
   * The release in a stored record.
   *
   * @param stored the record as it is now
   * @param decode reads it
   */
  Release of(String userSlug, String appSlug, long number, Bytes stored, Supplier<Release> decode) {
    var name = new Name(userSlug, appSlug, number);
    synchronized (releases) {
      var known = releases.get(name);
      if (known != null && known.stored.equals(stored)) {
        return known.release;
      }
    }
    var release = decode.get();
    if (stored.length() <= AppLimits.DECODED_RELEASE_BYTES_MAX) {
      synchronized (releases) {
        releases.put(name, new Decoded(stored, release));
      }
    }
    return release;
  }
}

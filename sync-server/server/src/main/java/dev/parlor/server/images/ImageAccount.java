package dev.parlor.server.images;

import dev.parlor.room.image.RoomImages.Quota;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The images of a room by the identities that uploaded them.
 *
 * @param people the shares by identity
 */
record ImageAccount(Map<String, Share> people) {
  static final ImageAccount EMPTY = new ImageAccount(Map.of());

  private static final long MIB = 1024L * 1024;

  /** The images of one person. */
  record Share(int images, long bytes) {
    static final Share NONE = new Share(0, 0);

    Share plus(int moreImages, long moreBytes) {
      return new Share(images + moreImages, bytes + moreBytes);
    }
  }

  ImageAccount {
    people = Map.copyOf(people);
  }

  /** The account after an image was added, or removed with negative numbers. */
  ImageAccount plus(String by, int images, long bytes) {
    var all = new HashMap<>(people);
    var share = all.getOrDefault(by, Share.NONE).plus(images, bytes);
    if (share.images() > 0) {
      all.put(by, share);
    } else {
      all.remove(by);
    }
    return new ImageAccount(all);
  }

  /** The reason why this account is beyond the quota; empty if it is within. */
  Optional<String> excess(String by, Quota quota) {
    var own = people.getOrDefault(by, Share.NONE);
    var images = people.values().stream().mapToInt(Share::images).sum();
    var bytes = people.values().stream().mapToLong(Share::bytes).sum();
    if (own.images() > quota.imagesOfPersonMax() || own.bytes() > quota.bytesOfPersonMax()) {
      return Optional.of(
          "your images in this room are at their limit of %d images and %d MiB; start another room for more"
              .formatted(quota.imagesOfPersonMax(), quota.bytesOfPersonMax() / MIB));
    }
    return images > quota.imagesMax() || bytes > quota.bytesMax()
        ? Optional.of(
            "the images of this room are at their limit of %d images and %d MiB; start another room for more"
                .formatted(quota.imagesMax(), quota.bytesMax() / MIB))
        : Optional.empty();
  }
}

package dev.parlor.server.storage;

import dev.parlor.crdt.identity.StorageId;
import org.jspecify.annotations.Nullable;

/**
 * What the files of one directory hold of a server's data; written into them when they are made,
 * and never changed but for {@link Records#complete}.
 */
sealed interface Holding {

  /** All of it: a data directory of one shard, which has no others beside it. */
  record Everything() implements Holding {}

  /**
   * The tables; documents are in so many shards.
   *
   * @param complete whether every shard has been made; from then on one that is not there is lost
   */
  record Records(int shards, boolean complete) implements Holding {}

  /**
   * The documents of one shard.
   *
   * @param number from 0
   * @param shards how many there are
   * @param whose storage id of the data directory that it belongs to
   */
  record Shard(int number, int shards, StorageId whose) implements Holding {}

  /** What a new data directory holds. */
  static Holding ofNew(int shards) {
    return shards == 1 ? new Everything() : new Records(shards, false);
  }

  /**
   * What stands in the files; null for {@link Everything}, of which older servers knew no other.
   */
  default @Nullable String text() {
    return switch (this) {
      case Everything() -> null;
      case Records(var shards, var complete) ->
          "records " + shards + (complete ? " complete" : " begun");
      case Shard(var number, var shards, var whose) ->
          "shard " + number + " " + shards + " " + whose.value();
    };
  }

  /** Reads {@link #text}; null when it is none. */
  static @Nullable Holding parse(String text) {
    var words = text.split(" ", -1);
    try {
      if (words.length == 3 && words[0].equals("records")) {
        return new Records(Integer.parseInt(words[1]), words[2].equals("complete"));
      }
      if (words.length == 4 && words[0].equals("shard")) {
        return new Shard(
            Integer.parseInt(words[1]), Integer.parseInt(words[2]), new StorageId(words[3]));
      }
    } catch (NumberFormatException e) {
      // Told as any other text that is none.
    }
    return null;
  }
}

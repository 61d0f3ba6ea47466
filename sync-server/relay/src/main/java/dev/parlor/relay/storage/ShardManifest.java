package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.StorageId;
import org.jspecify.annotations.Nullable;

/**
 * Says which part of a server's data the files of one directory hold. It is written when the files
 * are created and never changes, except for {@link Records#complete}.
 */
sealed interface ShardManifest {

  /** All data: a data directory without shards. */
  record Everything() implements ShardManifest {}

  /**
   * The record tables of a sharded data directory, without the documents.
   *
   * @param shards the number of shards that hold the documents
   * @param complete whether every shard has been created; if so, a missing shard means lost data
   */
  record Records(int shards, boolean complete) implements ShardManifest {}

  /**
   * The documents of one shard.
   *
   * @param number the number of this shard, from 0
   * @param shards the number of shards
   * @param dataDirectoryId the storage id of the data directory that the shard belongs to
   */
  record Shard(int number, int shards, StorageId dataDirectoryId) implements ShardManifest {}

  /**
   * The manifest of a new data directory's own files. If the directory has several shards, the
   * files of each shard get a {@link Shard} manifest.
   */
  static ShardManifest ofNew(int shards) {
    return shards == 1 ? new Everything() : new Records(shards, false);
  }

  /** The stored text; null for {@link Everything}, the only form that older servers know. */
  default @Nullable String text() {
    return switch (this) {
      case Everything() -> null;
      case Records(var shards, var complete) ->
          "records " + shards + (complete ? " complete" : " begun");
      case Shard(var number, var shards, var dataDirectoryId) ->
          "shard " + number + " " + shards + " " + dataDirectoryId.value();
    };
  }

  /** Parses {@link #text}; null if it is invalid. */
  static @Nullable ShardManifest parse(String text) {
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
      // Reported as any other invalid text.
    }
    return null;
  }
}

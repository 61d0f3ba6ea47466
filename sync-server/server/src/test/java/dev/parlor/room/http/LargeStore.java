package dev.parlor.room.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.StoreOnDisk;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;

/** A data directory whose backup is larger than all buffers of a connection. */
final class LargeStore {

  private static final int VALUE_BYTES = 1 << 20;

  /** The buffers of both ends of a TCP connection grow to at most 10 MiB with Linux's defaults. */
  private static final int VALUES = 24;

  private LargeStore() {}

  static StoreOnDisk open(Path data) throws Exception {
    var shards = RelayConfig.onLoopback(data).shards();
    return StoreOnDisk.open(
        data, shards, Limits.defaults().storage(), new Metrics(), UUID::randomUUID);
  }

  /** Creates the data directory with records of random bytes. */
  static void create(Path data) throws Exception {
    var random = new Random(1);
    try (var store = open(data)) {
      var table = store.table("filler");
      for (var i = 0; i < VALUES; i++) {
        var value = new byte[VALUE_BYTES];
        random.nextBytes(value);
        table.put("value-" + i, Bytes.wrap(value)).get();
      }
    }
  }
}

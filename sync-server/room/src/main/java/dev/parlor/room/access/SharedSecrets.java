package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.relay.storage.RecordUpdate;

/** The server's own secrets, in the durable table {@code secrets}. */
final class SharedSecrets {
  private static final int BYTES = 32;

  private SharedSecrets() {}

  /**
   * Reads a secret. The first start creates it; of several nodes that do so at once, all get the
   * same one. Blocks until it is durable.
   */
  static byte[] open(RecordTable secrets, String name, RandomIds ids) {
    return RecordUpdate.run(
            secrets,
            name,
            stored -> {
              if (stored.isPresent()) {
                return RecordUpdate.Decision.keep(stored.get());
              }
              var created = Bytes.wrap(ids.bytes(BYTES));
              return RecordUpdate.Decision.put(created, created);
            })
        .toArray();
  }
}

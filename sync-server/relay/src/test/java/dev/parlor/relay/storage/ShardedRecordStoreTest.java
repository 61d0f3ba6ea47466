package dev.parlor.relay.storage;

/** The records of a store with shards are in its main store. */
class ShardedRecordStoreTest extends MapDbRecordStoreTest {

  @Override
  int shards() {
    return 2;
  }
}

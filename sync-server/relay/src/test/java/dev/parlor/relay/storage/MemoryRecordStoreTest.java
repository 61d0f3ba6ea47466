package dev.parlor.relay.storage;

class MemoryRecordStoreTest extends RecordStoreContract {
  private MemoryRecordStore store = new MemoryRecordStore();

  @Override
  RecordStore open() {
    store = new MemoryRecordStore();
    return store;
  }

  @Override
  void close() {}

  @Override
  void refuse(boolean now) {
    store.refuseCommits(now);
  }
}

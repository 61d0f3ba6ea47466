package dev.parlor.relay.storage;

class MemoryRecordStoreTest extends RecordStoreContract {
  private MemoryRecordStore store = new MemoryRecordStore();

  @Override
  protected RecordStore open() {
    store = new MemoryRecordStore();
    return store;
  }

  @Override
  protected void close() {}

  @Override
  protected void refuse(boolean now) {
    store.refuseCommits(now);
  }
}

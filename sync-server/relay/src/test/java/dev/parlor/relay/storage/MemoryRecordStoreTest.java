package dev.parlor.relay.storage;

class MemoryRecordStoreTest extends RecordStoreContract {
  private MemoryRecordStore memory = new MemoryRecordStore();

  @Override
  protected RecordStore open() {
    memory = new MemoryRecordStore();
    return memory;
  }

  @Override
  protected void close() {}

  @Override
  protected void refuse(boolean now) {
    memory.refuseCommits(now);
  }
}

package dev.parlor.relay.storage;

import dev.parlor.relay.config.Limits;

/**
 * Runs {@link MapDbChangeStoreTest} with limits so low that the trees absorb the change log during
 * every test.
 */
class AbsorbingChangeStoreTest extends MapDbChangeStoreTest {

  @Override
  Limits.Storage limits() {
    var defaults = super.limits();
    return new Limits.Storage(
        defaults.groupRecordsMax(),
        defaults.groupBytesMax(),
        defaults.queueBytesMax(),
        defaults.compactAfterChanges(),
        defaults.compactOperationsMax(),
        4,
        1 << 15,
        3,
        defaults.absorbBytesMax(),
        2,
        1);
  }
}

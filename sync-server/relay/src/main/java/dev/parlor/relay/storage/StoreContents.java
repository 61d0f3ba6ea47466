package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.mapdb.DBException;

/**
 * Reads all values of one store's trees in the order of their places. The trees must not change
 * meanwhile.
 *
 * @param store the number of the store, as in {@link Place}
 */
record StoreContents(StoreTrees trees, int store) {

  /** Passes all values to the sink. */
  void read(StoreView.Sink sink) throws IOException {
    try {
      for (var entry : trees.tables().entrySet()) {
        var name = entry.getKey();
        pass(
            Place.ofRecord(store, name),
            ChecksummedRecord.open(name, entry.getValue()),
            "it fails its checksum",
            sink);
      }
      for (var entry : trees.documents().entrySet()) {
        readDocument(entry.getKey(), entry.getValue(), sink);
      }
    } catch (DBException.VolumeIOError e) {
      throw e.getCause() instanceof IOException disk ? disk : new IOException(e);
    } catch (RuntimeException | AssertionError e) {
      throw new DamagedStoreException(
          "an index of " + name() + " is damaged (" + e + "), so its values cannot be listed", e);
    }
  }

  private String name() {
    return store == 0 ? "the store" : "shard " + (store - 1);
  }

  private void readDocument(String id, byte[] record, StoreView.Sink sink) throws IOException {
    var payload = ChecksummedRecord.open("documents/" + id, record);
    if (payload == null) {
      sink.damaged(Place.ofSnapshot(store, id), "its number in the store fails its checksum");
      return;
    }
    var number = payload.buffer().getLong(0);
    readSnapshot(id, number, sink);
    try {
      var keys =
          trees.log().subMap(LogRecord.key(number, 0), LogRecord.key(number + 1, 0)).keySet();
      for (long key : keys) {
        readLog(id, key, sink);
      }
    } catch (DBException.VolumeIOError e) {
      throw e;
    } catch (RuntimeException | AssertionError e) {
      sink.damaged(Place.ofLog(store, id, 0), "its log cannot be read (" + e + ")");
    }
  }

  private void readSnapshot(String id, long number, StoreView.Sink sink) throws IOException {
    byte @Nullable [] snapshot;
    try {
      snapshot = trees.snapshots().get(number);
    } catch (DBException.VolumeIOError e) {
      throw e;
    } catch (RuntimeException | AssertionError e) {
      sink.damaged(Place.ofSnapshot(store, id), "its snapshot cannot be read (" + e + ")");
      return;
    }
    if (snapshot != null) {
      pass(
          Place.ofSnapshot(store, id),
          ChecksummedRecord.open("snapshots/" + number, snapshot),
          "its snapshot fails its checksum",
          sink);
    }
  }

  private void readLog(String id, long key, StoreView.Sink sink) throws IOException {
    var place = Place.ofLog(store, id, LogRecord.sequence(key));
    byte @Nullable [] record;
    try {
      record = trees.log().get(key);
    } catch (DBException.VolumeIOError e) {
      throw e;
    } catch (RuntimeException | AssertionError e) {
      sink.damaged(place, "it cannot be read (" + e + ")");
      return;
    }
    if (record == null) {
      sink.damaged(place, "it is missing");
    } else {
      pass(
          place,
          ChecksummedRecord.open(LogRecord.place(key), record),
          "it fails its checksum",
          sink);
    }
  }

  private static void pass(Place place, @Nullable Bytes payload, String reason, StoreView.Sink sink)
      throws IOException {
    if (payload == null) {
      sink.damaged(place, reason);
    } else {
      sink.value(place, payload);
    }
  }
}

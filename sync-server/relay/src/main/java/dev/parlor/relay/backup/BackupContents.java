package dev.parlor.relay.backup;

import dev.parlor.relay.storage.Place;
import dev.parlor.relay.storage.StoreView;
import java.io.IOException;

/** Reads all values of a backup, from the files of its chain. */
public final class BackupContents {

  private BackupContents() {}

  /**
   * Passes all values to the sink, in the order of their places.
   *
   * @throws IOException if a file cannot be read to its end
   */
  public static void read(BackupChain chain, StoreView.Sink sink) throws IOException {
    try (var joined = new JoinedBackup(chain)) {
      while (joined.next()) {
        var entry = joined.entry();
        Place place = entry.place();
        var value = joined.value();
        if (value.isEmpty()) {
          sink.damaged(place, "it fails its checksum");
        } else if (entry.type() == BackupEntry.Type.DAMAGED) {
          sink.damaged(place, "it was damaged when the backup was made: " + value.get().toUtf8());
        } else {
          sink.value(place, value.get());
        }
      }
    }
  }
}

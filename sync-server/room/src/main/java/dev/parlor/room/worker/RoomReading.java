package dev.parlor.room.worker;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.RoomView;
import java.util.List;

/** A room at one moment: its heads, the document's root, and the typed view. */
public record RoomReading(List<ChangeHash> heads, Value root, RoomView view) {
  public RoomReading {
    heads = List.copyOf(heads);
  }
}

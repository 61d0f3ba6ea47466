package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.room.schema.RoomView;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Records the presence that a follower hears. */
final class RecordingFollower implements RoomFollower {
  final List<String> events = new ArrayList<>();

  @Override
  public void began(RoomReading reading, Set<String> away, long revision) {}

  @Override
  public void changed(RoomChange change, @Nullable Object source) {}

  @Override
  public void settled(RoomView view, Set<String> away) {}

  @Override
  public void published(RoomEvent event) {}

  @Override
  public void ephemeral(PeerId sender, Caller caller, Bytes data) {
    events.add(caller.identity(sender) + " " + data.toUtf8());
  }

  @Override
  public void peerLeft(PeerId peer) {
    events.add(peer.value() + " left");
  }

  @Override
  public void closed() {}
}

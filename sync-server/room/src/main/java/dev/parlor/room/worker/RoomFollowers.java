package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.relay.admission.Caller;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.RoomView;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The followers of a room. Without one, every method returns at once and nothing is tracked. Used
 * on the room's thread, except {@link #any}.
 */
final class RoomFollowers {
  private final RoomTimer timer;
  private final List<RoomFollower> followers = new ArrayList<>();
  private volatile boolean any;
  private @Nullable RoomFeed feed;
  private boolean flushScheduled;
  private long flushedAt;

  RoomFollowers(RoomTimer timer) {
    this.timer = timer;
  }

  /** Whether the room has a follower; from any thread. */
  boolean any() {
    return any;
  }

  void add(RoomFollower follower, Replica replica, RoomReading reading, Set<String> away) {
    var current = feed;
    if (current == null) {
      current = new RoomFeed(replica, reading.root());
      feed = current;
    } else {
      flush(replica, null);
    }
    if (!followers.contains(follower)) {
      followers.add(follower);
    }
    any = true;
    follower.began(reading, away, current.revision());
  }

  void remove(RoomFollower follower) {
    followers.remove(follower);
    if (followers.isEmpty()) {
      any = false;
      feed = null;
    }
  }

  /** A change was applied to the replica; the followers get it after a short time. */
  void applied(OpenRoom room, Bytes change) {
    var current = feed;
    if (current == null) {
      return;
    }
    current.applied(change);
    if (!flushScheduled && current.hasTouched()) {
      flushScheduled = true;
      var wait = flushedAt + FixedServiceLimits.DELTA_MILLIS_MIN - timer.now();
      if (wait <= 0) {
        room.later(room::flushFollowers);
      } else {
        room.after(wait, room::flushFollowers);
      }
    }
  }

  /**
   * Sends the touched fields.
   *
   * @param source the connection that made all changes since the last call; null if it is unknown
   */
  void flush(Replica replica, @Nullable Object source) {
    flushScheduled = false;
    var current = feed;
    if (current == null) {
      return;
    }
    flushedAt = timer.now();
    var change = current.next();
    if (change != null) {
      followers.forEach(follower -> follower.changed(change, source));
    }
  }

  void settled(RoomView view, Set<String> away) {
    followers.forEach(follower -> follower.settled(view, away));
  }

  void published(RoomEvent event) {
    followers.forEach(follower -> follower.published(event));
  }

  void ephemeral(PeerId sender, Caller caller, Bytes data) {
    followers.forEach(follower -> follower.ephemeral(sender, caller, data));
  }

  void peerLeft(PeerId peer) {
    followers.forEach(follower -> follower.peerLeft(peer));
  }

  /** Ends all followers: the room closes. */
  void close() {
    var all = List.copyOf(followers);
    followers.clear();
    any = false;
    feed = null;
    all.forEach(RoomFollower::closed);
  }
}

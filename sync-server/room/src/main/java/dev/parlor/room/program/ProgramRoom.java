package dev.parlor.room.program;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.http.RoomJson;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.TurnOrder;
import dev.parlor.room.worker.RoomChange;
import dev.parlor.room.worker.RoomEvent;
import dev.parlor.room.worker.RoomFollower;
import dev.parlor.room.worker.RoomReading;
import dev.parlor.room.worker.RoomRefusal;
import dev.parlor.room.worker.RoomWorker;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The JSON sockets of one room. It follows the room while it has a socket. The methods of {@link
 * RoomFollower} run on the room's thread; the others run on any thread.
 */
final class ProgramRoom implements RoomFollower {
  private static final Set<String> FORWARDED = Set.of("generation-", "queue-");

  private final RoomInfo info;
  private final Supplier<RoomWorker> workers;
  private final Consumer<ProgramRoom> emptied;
  private final Set<ProgramSocket> sockets = ConcurrentHashMap.newKeySet();

  /** Sockets that get the whole state with the next {@link #began}. */
  private final Set<ProgramSocket> unsynced = ConcurrentHashMap.newKeySet();

  private @Nullable RoomWorker followed;
  private boolean isEnded;

  // Used on the room's thread only.
  private final PresenceBridge presence = new PresenceBridge();
  private Map<String, String> names = Map.of();
  private ObjectNode lastPeople = JsonNodeFactory.instance.objectNode();

  /**
   * @param workers opens the room
   * @param emptied called when the last socket has ended
   */
  ProgramRoom(RoomInfo info, Supplier<RoomWorker> workers, Consumer<ProgramRoom> emptied) {
    this.info = info;
    this.workers = workers;
    this.emptied = emptied;
  }

  RoomInfo info() {
    return info;
  }

  int size() {
    return sockets.size();
  }

  /** Adds a socket, which gets the whole state; false if this room has ended. */
  synchronized boolean add(ProgramSocket socket) {
    if (isEnded) {
      return false;
    }
    sockets.add(socket);
    sync(socket);
    var worker = followed;
    if (worker != null) {
      socket
          .caller()
          .identity()
          .ifPresent(identity -> worker.connected(socket.peer(), identity, socket.caller()));
    }
    return true;
  }

  /** Sends the whole state to a socket. */
  synchronized void sync(ProgramSocket socket) {
    unsynced.add(socket);
    try {
      var worker = followed;
      if (worker == null) {
        worker = workers.get();
        followed = worker;
      }
      var _ =
          worker
              .follow(this)
              .exceptionally(
                  _ -> {
                    socket.close(CloseCodes.OVERLOAD, "the room is busy; connect again later");
                    return null;
                  });
    } catch (RoomRefusal refusal) {
      socket.close(CloseCodes.OVERLOAD, refusal.reason());
    }
  }

  synchronized void remove(ProgramSocket socket) {
    if (!sockets.remove(socket)) {
      return;
    }
    unsynced.remove(socket);
    var worker = followed;
    if (worker != null) {
      socket
          .caller()
          .identity()
          .ifPresent(identity -> worker.disconnected(socket.peer(), identity));
      goodbye(socket, worker);
    }
    if (sockets.isEmpty()) {
      isEnded = true;
      if (worker != null) {
        worker.unfollow(this);
      }
      emptied.accept(this);
    }
  }

  private void goodbye(ProgramSocket socket, RoomWorker worker) {
    if (socket.caller().identity().isPresent()) {
      socket.broadcast(worker, PresenceBridge.goodbye());
      tellOthers(socket, Messages.of("presence").put("peer", socket.peer()).put("gone", true));
    }
  }

  // From sockets.

  /** Tells browsers and programs the presence of a socket's person. */
  void announce(ProgramSocket socket) {
    var worker = worker();
    if (worker == null || socket.caller().identity().isEmpty()) {
      return;
    }
    var _ =
        worker.call(
            _ -> {
              var state = socket.presence(names);
              socket.broadcast(worker, PresenceBridge.update(state));
              tellOthers(socket, PresenceBridge.json(socket.peer(), state));
              return true;
            });
  }

  /**
   * Tells browsers and programs where a socket's pointer is.
   *
   * @param x a fraction of the width of the window, or of the desk if {@code window} is null
   */
  void cursor(ProgramSocket socket, double x, double y, @Nullable String window) {
    var worker = worker();
    if (worker != null) {
      socket.broadcast(worker, PresenceBridge.cursor(x, y, window));
      var message = Messages.of("cursor_pos").put("peer", socket.peer());
      socket.caller().identity().ifPresent(identity -> message.put("identity", identity));
      tellOthers(socket, message.put("x", x).put("y", y).put("window", window));
    }
  }

  private synchronized @Nullable RoomWorker worker() {
    return followed;
  }

  private void tellOthers(@Nullable ProgramSocket except, ObjectNode message) {
    var bytes = Messages.encode(message);
    for (var socket : sockets) {
      if (!socket.equals(except)) {
        socket.output().ephemeral(bytes);
      }
    }
  }

  // From the room.

  @Override
  public void began(RoomReading reading, Set<String> away, long revision) {
    var view = reading.view();
    names = names(view);
    var state = RoomJson.of(info, reading, away);
    lastPeople = people(view, away);
    for (var socket : Set.copyOf(unsynced)) {
      unsynced.remove(socket);
      var message = Messages.of("state_sync").put("revision", revision);
      message.put("peer", socket.peer()).put("role", socket.role());
      socket.caller().identity().ifPresent(identity -> message.put("identity", identity));
      message.set("state", state);
      message.set("presence", presence.all(sockets, names));
      if (socket.output().synced(Messages.encode(message))) {
        announce(socket);
      }
    }
  }

  private static Map<String, String> names(RoomView view) {
    var all = new HashMap<String, String>();
    view.participants().forEach(person -> all.put(person.identity(), person.name()));
    return all;
  }

  @Override
  public void changed(RoomChange change, @Nullable Object source) {
    var changes = Messages.changes(change);
    var message = Messages.encode(Messages.of("state_delta").setAll(changes));
    var chat = Messages.chat(change, names).stream().map(Messages::encode).toList();
    for (var socket : sockets) {
      if (socket.equals(source)) {
        socket.output().own(changes, message);
      } else {
        socket.output().changed(message, chat);
      }
    }
  }

  @Override
  public void settled(RoomView view, Set<String> away) {
    names = names(view);
    var people = people(view, away);
    if (!people.equals(lastPeople)) {
      lastPeople = people;
      var message = Messages.encode(people);
      sockets.forEach(socket -> socket.output().changed(message, List.of()));
    }
  }

  private static ObjectNode people(RoomView view, Set<String> away) {
    var order = TurnOrder.of(view, away);
    var message = Messages.of("people");
    message.set("turn", RoomJson.turn(order));
    var people = message.putArray("people");
    view.participants().forEach(person -> people.add(RoomJson.person(person, order, away)));
    return message;
  }

  @Override
  public void published(RoomEvent event) {
    if (FORWARDED.stream().noneMatch(event.name()::startsWith)) {
      return;
    }
    var message = Messages.of("event").put("event", event.name()).put("at", event.at());
    var data = message.putObject("data");
    event.data().forEach((name, value) -> data.set(name, RoomJson.tree(value)));
    var bytes = Messages.encode(message);
    sockets.forEach(socket -> socket.output().changed(bytes, List.of()));
  }

  @Override
  public void ephemeral(PeerId sender, Caller caller, Bytes data) {
    var heard = presence.heard(sender, caller, data);
    heard.message().ifPresent(message -> tellOthers(null, message));
    if (heard.isNewPeer()) {
      // A browser that has just come does not know the programs yet.
      for (var socket : new HashSet<>(sockets)) {
        announce(socket);
      }
    }
  }

  @Override
  public void peerLeft(PeerId peer) {
    presence.left(peer).ifPresent(message -> tellOthers(null, message));
  }

  @Override
  public void closed() {
    sockets.forEach(socket -> socket.close(CloseCodes.RESTART, "the room closed; connect again"));
    synchronized (this) {
      followed = null;
      isEnded = true;
      emptied.accept(this);
    }
  }
}

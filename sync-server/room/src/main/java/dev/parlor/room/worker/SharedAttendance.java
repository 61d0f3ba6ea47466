package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.cluster.LiveNodes;
import dev.parlor.relay.cluster.NodeMessages;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.worker.AttendanceMessage.Part;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is connected to the open rooms, on all nodes. Each node tells the others at once when a
 * connection opens or ends, and repeats its connections from time to time. A node that opens a room
 * asks the others. A connection of another node counts until that node says it ended, is gone, or
 * has not repeated it for {@link FixedServiceLimits#ATTENDANCE_EXPIRY_SECONDS}. So a lost message
 * only delays the agreement. Safe from any thread; calls of rooms only enqueue.
 */
public final class SharedAttendance implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SharedAttendance.class);
  private static final String TOPIC = "attendance";

  /** Identities that count as gone and are told to other nodes; more are not told. */
  private static final int AWAY_MAX = 100;

  /** The rooms that are open here, with the connections of all nodes. */
  private final Map<String, Room> rooms = new HashMap<>();

  private final NodeMessages messages;
  private final LiveNodes nodes;
  private final LongSupplier nanoTime;
  private final ScheduledExecutorService repeater =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("attendance").factory());

  /** A connection of another node. */
  private record Key(String node, String connection) {}

  /**
   * @param nanoTime a monotonic clock
   */
  public SharedAttendance(NodeMessages messages, LiveNodes nodes, LongSupplier nanoTime) {
    this.messages = messages;
    this.nodes = nodes;
    this.nanoTime = nanoTime;
  }

  /** Begins to follow the other nodes and to repeat the connections of this node. */
  public SharedAttendance start() {
    messages.subscribe(
        TOPIC,
        new NodeMessages.Listener() {
          @Override
          public void received(Bytes message) {
            AttendanceMessage.decode(message).ifPresent(SharedAttendance.this::received);
          }

          @Override
          public void resumed() {
            askAll();
          }
        });
    nodes.onGone(this::gone);
    var _ =
        repeater.scheduleWithFixedDelay(
            this::repeat,
            FixedServiceLimits.ATTENDANCE_REPEAT_SECONDS,
            FixedServiceLimits.ATTENDANCE_REPEAT_SECONDS,
            TimeUnit.SECONDS);
    return this;
  }

  /** The attendance of a room that is opened here. */
  RoomAttendance open(RoomWorker worker) {
    return new Room(worker);
  }

  /** Repeats what this node knows, and forgets what other nodes do not repeat. */
  void repeat() {
    try {
      synchronized (rooms) {
        var known = new ArrayList<Part>();
        rooms.values().forEach(room -> room.tell(known));
        publish(known);
        var expired =
            nanoTime.getAsLong()
                - TimeUnit.SECONDS.toNanos(FixedServiceLimits.ATTENDANCE_EXPIRY_SECONDS);
        rooms.values().forEach(room -> room.forget(expired));
      }
    } catch (RuntimeException e) {
      log.error("the attendance of rooms could not be told to other nodes", e);
    }
  }

  /** Messages may have been lost in both directions. */
  private void askAll() {
    synchronized (rooms) {
      var parts = new ArrayList<Part>();
      for (var room : rooms.values()) {
        parts.add(Part.question(room.id));
        room.tell(parts);
      }
      publish(parts);
    }
  }

  private void gone(String node) {
    synchronized (rooms) {
      rooms.values().forEach(room -> room.forgetNode(node));
    }
  }

  private void received(AttendanceMessage message) {
    var node = message.node();
    synchronized (rooms) {
      var answers = new ArrayList<Part>();
      for (var part : message.parts()) {
        var room = rooms.get(part.room());
        if (room != null) {
          room.received(node, part);
          if (part.asks()) {
            room.tell(answers);
          }
        }
      }
      publish(answers);
    }
  }

  private void publish(List<Part> parts) {
    AttendanceMessage.of(nodes.self(), parts)
        .forEach(message -> messages.publish(TOPIC, message.encode()));
  }

  @Override
  public void close() {
    repeater.shutdownNow();
  }

  /** A connection of another node, and when that node last told of it. */
  private record Heard(RemotePerson person, long at) {}

  /** One open room. Its fields are guarded by {@code rooms}. */
  private final class Room implements RoomAttendance {
    private final RoomWorker worker;
    private final String id;
    private final Map<String, RemotePerson> here = new LinkedHashMap<>();

    /** Connections of this node with one id; an id can be replaced before it ends. */
    private final Map<String, Integer> counts = new HashMap<>();

    private final Map<Key, Heard> elsewhere = new HashMap<>();
    private Set<String> away = Set.of();

    private Room(RoomWorker worker) {
      this.worker = worker;
      DocumentId document = worker.document();
      this.id = document.value();
    }

    @Override
    public void begin() {
      synchronized (rooms) {
        rooms.put(id, this);
      }
      publish(List.of(Part.question(id)));
    }

    @Override
    public void connected(RemotePerson person) {
      synchronized (rooms) {
        counts.merge(person.connection(), 1, Integer::sum);
        here.put(person.connection(), person);
        publish(List.of(Part.here(id, person)));
      }
    }

    @Override
    public void disconnected(String connection) {
      synchronized (rooms) {
        var left = counts.merge(connection, -1, Integer::sum);
        if (left <= 0) {
          counts.remove(connection);
          here.remove(connection);
          publish(List.of(Part.gone(id, connection)));
        }
      }
    }

    @Override
    public void away(Set<String> identities) {
      synchronized (rooms) {
        away = identities;
      }
    }

    @Override
    public void close() {
      synchronized (rooms) {
        rooms.remove(id, this);
        publish(here.keySet().stream().map(connection -> Part.gone(id, connection)).toList());
      }
    }

    private void tell(List<Part> parts) {
      here.values().forEach(person -> parts.add(Part.here(id, person)));
      if (!away.isEmpty()) {
        parts.add(Part.away(id, away.stream().sorted().limit(AWAY_MAX).toList()));
      }
    }

    private void received(String node, Part part) {
      // The messages of a node that is gone may still arrive.
      if (!nodes.isGone(node)) {
        part.here().forEach(person -> heard(node, person));
      }
      if (part.gone() != null) {
        end(new Key(node, part.gone()));
      }
      if (!part.away().isEmpty()) {
        worker.awayElsewhere(Set.copyOf(part.away()));
      }
    }

    private void heard(String node, RemotePerson person) {
      var before =
          elsewhere.put(
              new Key(node, person.connection()), new Heard(person, nanoTime.getAsLong()));
      if (before == null) {
        worker.arrivedElsewhere(person);
      } else if (!before.person.equals(person)) {
        worker.departedElsewhere(before.person);
        worker.arrivedElsewhere(person);
      }
    }

    private void end(Key key) {
      var ended = elsewhere.remove(key);
      if (ended != null) {
        worker.departedElsewhere(ended.person);
      }
    }

    private void forget(long before) {
      endAll(entry -> entry.getValue().at - before < 0);
    }

    private void forgetNode(String node) {
      endAll(entry -> entry.getKey().node.equals(node));
    }

    private void endAll(java.util.function.Predicate<Map.Entry<Key, Heard>> ended) {
      var keys = new ArrayList<Key>();
      for (var entry : elsewhere.entrySet()) {
        if (ended.test(entry)) {
          keys.add(entry.getKey());
        }
      }
      keys.forEach(this::end);
    }
  }
}

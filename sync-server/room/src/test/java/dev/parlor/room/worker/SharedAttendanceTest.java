package dev.parlor.room.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.cluster.FakeLiveNodes;
import dev.parlor.relay.cluster.MemoryNodeMessages;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.quarantine.NativeCallGuard;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.GenesisOptions;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomSchema;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.TurnOrder;
import dev.parlor.room.schema.Uuid7;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests with two nodes that nodes agree which people are away and which person has the turn. */
class SharedAttendanceTest {
  private static final long GRACE_MILLIS = 5_000;

  private final MemoryNodeMessages messages = new MemoryNodeMessages();
  private final AtomicLong nanos = new AtomicLong();
  private final Node a = new Node(1);
  private final Node b = new Node(2);

  /** A node with one room. */
  private final class Node {
    private final ManualRoomTimer timer = new ManualRoomTimer();
    private final FakeRelay relay = new FakeRelay();
    private final FakeLiveNodes nodes;
    private final SharedAttendance attendance;
    private final String name;
    private @Nullable RoomWorker opened;

    private Node(int number) {
      name = "node-" + number;
      nodes = new FakeLiveNodes(name);
      attendance = new SharedAttendance(messages.node(number), nodes, nanos::get).start();
    }

    private RoomWorker worker() {
      var worker = opened;
      if (worker == null) {
        worker =
            new RoomWorker(
                relay,
                new RoomServices(
                    Runnable::run,
                    timer,
                    new Random(3),
                    NativeCallGuard.unguarded(),
                    new MemoryChangeStore(new StorageId("test")).table("actors"),
                    Memberships.none(),
                    new RoomMetrics(new Metrics()),
                    ServiceLimits.defaults().events(),
                    GRACE_MILLIS,
                    20,
                    100,
                    RoomWorkerWatchers::none,
                    (_, _) -> {},
                    _ -> {},
                    attendance::open));
        opened = worker;
      }
      return worker;
    }

    private Set<String> away() throws Exception {
      messages.deliverAll();
      return worker().away().get(20, TimeUnit.SECONDS);
    }

    private @Nullable String holder() throws Exception {
      return TurnOrder.of(worker().view().get(20, TimeUnit.SECONDS), away()).holder();
    }

    private void graceTimePasses() throws Exception {
      messages.deliverAll();
      timer.advance(GRACE_MILLIS + 1);
      messages.deliverAll();
    }
  }

  @AfterEach
  void close() {
    a.attendance.close();
    b.attendance.close();
    messages.close();
  }

  /** A room with turns and the players ann and bob, which both nodes have open. */
  private void makeRoom() throws Exception {
    var edits =
        new ArrayList<>(
            RoomSchema.genesis(
                GenesisOptions.standard("Test"),
                Uuid7.source(InstantSource.system(), new Random(1)),
                1));
    for (var person : List.of("ann", "bob")) {
      edits.addAll(
          RoomEdits.join(
              RoomView.read(Value.map()),
              new Participant(
                  person, person, null, null, Participant.Role.PLAYER, person.charAt(0))));
    }
    edits.add(new Edit.Put(Path.of("settings", "turnMode"), Value.of("turns")));
    a.worker().edit(_ -> new EditPlan<>(edits, true)).get(20, TimeUnit.SECONDS);
    b.relay.deliver(a.relay.changes);
    var _ = b.worker();
    a.timer.advance(2_000);
    b.timer.advance(2_000);
  }

  @Test
  @DisplayName("A person who is connected to another node is not away and keeps the turn")
  void connectedElsewhereIsNotAway() throws Exception {
    makeRoom();
    a.relay.join("ann", "peer-1");
    b.relay.join("ann", "peer-2");
    messages.deliverAll();
    a.relay.leave("ann", "peer-1");
    a.graceTimePasses();
    assertEquals(Set.of(), a.away());
    assertEquals("ann", a.holder());
    assertEquals("ann", b.holder());
  }

  @Test
  @DisplayName("A person who has left all nodes is away on all nodes, and the turn passes on")
  void leftEverywhereIsAwayEverywhere() throws Exception {
    makeRoom();
    b.relay.join("ann", "peer-2");
    a.relay.join("bob", "peer-3");
    messages.deliverAll();
    b.relay.leave("ann", "peer-2");
    a.graceTimePasses();
    b.graceTimePasses();
    assertEquals(Set.of("ann"), a.away());
    assertEquals(Set.of("ann"), b.away());
    assertEquals("bob", a.holder());
    assertEquals("bob", b.holder());
    b.relay.join("ann", "peer-4");
    assertEquals(Set.of(), a.away(), "back, so not away");
    assertEquals("ann", a.holder());
  }

  @Test
  @DisplayName(
      "A node that opens a room learns which people are connected to other nodes and which are away")
  void openingAsks() throws Exception {
    makeRoom();
    b.relay.join("ann", "peer-1");
    b.relay.join("bob", "peer-2");
    b.relay.leave("bob", "peer-2");
    b.graceTimePasses();
    a.worker().close().get(20, TimeUnit.SECONDS);
    a.opened = null;
    var _ = a.worker();
    messages.deliverAll();
    messages.deliverAll();
    assertEquals(Set.of("bob"), a.away());
    a.relay.join("ann", "peer-3");
    a.relay.leave("ann", "peer-3");
    a.graceTimePasses();
    assertEquals(Set.of("bob"), a.away(), "ann is still connected to the other node");
  }

  @Test
  @DisplayName("The people of a node that died are away after the grace time")
  void deadNode() throws Exception {
    makeRoom();
    b.relay.join("ann", "peer-1");
    messages.deliverAll();
    messages.separate(2);
    a.nodes.die(b.name);
    assertEquals(Set.of(), a.away());
    a.graceTimePasses();
    assertEquals(Set.of("ann"), a.away());
    assertEquals("bob", a.holder());
  }

  @Test
  @DisplayName("Lost messages about arrivals and departures are made good by the repetition")
  void lostMessages() throws Exception {
    makeRoom();
    b.relay.join("bob", "peer-1");
    messages.deliverAll();
    messages.separate(2);
    b.relay.join("ann", "peer-2");
    b.relay.leave("bob", "peer-1");
    messages.rejoin();
    a.relay.join("ann", "peer-3");
    a.relay.leave("ann", "peer-3");
    b.attendance.repeat();
    a.graceTimePasses();
    assertEquals(Set.of(), a.away(), "ann is connected to the other node; bob seems to be");
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(FixedServiceLimits.ATTENDANCE_EXPIRY_SECONDS) + 1);
    b.attendance.repeat();
    messages.deliverAll();
    a.attendance.repeat();
    a.graceTimePasses();
    assertEquals(Set.of("bob"), a.away());
  }

  @Test
  @DisplayName("A guest of another node keeps its seat, and loses it when it has left all nodes")
  void guestsOfOtherNodes() throws Exception {
    makeRoom();
    var guest = Caller.GUEST + "peer-9";
    var caller = new Caller(Optional.empty(), Role.PLAYER, Optional.empty());
    b.relay.deliver(
        List.of(
            a.relay.change(
                RoomEdits.join(
                    RoomView.read(Value.map()),
                    new Participant(guest, "G", null, null, Participant.Role.PLAYER, 9)))));
    b.relay.join(caller, "peer-9");
    a.worker().close().get(20, TimeUnit.SECONDS);
    a.opened = null;
    a.relay.changes.clear();
    a.relay.changes.addAll(b.relay.changes);
    var _ = a.worker();
    messages.deliverAll();
    a.timer.advance(20_000);
    assertEquals(Participant.Role.PLAYER, role(a, guest));
    b.relay.leave(caller, "peer-9");
    messages.deliverAll();
    a.timer.advance(20_000);
    assertEquals(Participant.Role.SPECTATOR, role(a, guest));
  }

  private static Participant.Role role(Node node, String identity) throws Exception {
    return node.worker()
        .view()
        .get(20, TimeUnit.SECONDS)
        .participant(identity)
        .orElseThrow()
        .role();
  }

  @Test
  @DisplayName("Many people make several messages, each below 64 KiB")
  void manyPeople() {
    var parts = new ArrayList<AttendanceMessage.Part>();
    for (var i = 0; i < 2_000; i++) {
      parts.add(
          AttendanceMessage.Part.here(
              "room", new RemotePerson("\u4e16".repeat(100) + i, "identity-" + i, Role.HOST)));
    }
    var read = new ArrayList<AttendanceMessage.Part>();
    for (var message : AttendanceMessage.of("node", parts)) {
      Bytes text = message.encode();
      assertEquals(true, text.length() <= 64 * 1024, "at most 64 KiB: " + text.length());
      read.addAll(AttendanceMessage.decode(text).orElseThrow().parts());
    }
    assertEquals(parts, read);
  }

  @Test
  @DisplayName("A program hears the presence of a browser on another node, with its identity")
  void presenceOfAnotherNode() throws Exception {
    makeRoom();
    var heard = new RecordingFollower();
    a.worker().follow(heard).get(20, TimeUnit.SECONDS);
    // The presence may arrive before the node knows the peer.
    a.relay.ephemeralFromNode(new PeerId("peer-5"), Bytes.utf8("early"));
    b.relay.join("ann", "peer-5");
    messages.deliverAll();
    a.relay.ephemeralFromNode(new PeerId("peer-5"), Bytes.utf8("later"));
    b.relay.leave("ann", "peer-5");
    messages.deliverAll();
    assertEquals(List.of("ann early", "ann later", "peer-5 left"), heard.events);
  }
}

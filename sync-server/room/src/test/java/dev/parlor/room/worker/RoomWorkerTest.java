package dev.parlor.room.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.quarantine.NativeCallGuard;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.CardType;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.GenesisOptions;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomSchema;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.RoomWindow;
import dev.parlor.room.schema.Uuid7;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A room worker on the calling thread, with a fake relay and a manual timer. */
class RoomWorkerTest {
  private final ManualRoomTimer timer = new ManualRoomTimer();
  private final Random random = new Random(3);
  private final FakeRelay relay = new FakeRelay();
  private final Metrics metrics = new Metrics();
  private final MemoryChangeStore store = new MemoryChangeStore(new StorageId("test"));
  private final RecordTable actors = store.table("actors");
  private final List<String> closed = new ArrayList<>();
  private final RoomWorker worker = open();

  private RoomWorker open() {
    return new RoomWorker(
        relay,
        new RoomServices(
            Runnable::run,
            timer,
            random,
            NativeCallGuard.unguarded(),
            actors,
            Memberships.none(),
            new RoomMetrics(metrics),
            ServiceLimits.defaults().events(),
            5_000,
            20,
            100,
            _ -> new NoWatcher(),
            (_, cause) -> closed.add(String.valueOf(cause)),
            _ -> closed.add("reopened"),
            _ -> RoomAttendance.NONE));
  }

  private static final class NoWatcher implements RoomWatcher {
    @Override
    public void opened(RoomScope scope) {}

    @Override
    public void settled(RoomScope scope) {}

    @Override
    public boolean isBusy() {
      return false;
    }

    @Override
    public void closed() {}
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private void makeRoom() throws Exception {
    List<Edit> edits =
        new ArrayList<>(
            RoomSchema.genesis(
                GenesisOptions.standard("Test"),
                Uuid7.source(InstantSource.system(), new Random(1)),
                1));
    edits.addAll(join("ann", 1));
    get(worker.edit(_ -> new EditPlan<>(edits, true)));
    settle();
  }

  private static List<Edit> join(String name, long at) {
    return RoomEdits.join(
        RoomView.read(Value.map()),
        new Participant(name, name, null, null, Participant.Role.PLAYER, at));
  }

  private void settle() {
    timer.advance(2_000);
  }

  private static List<String> names(RoomEventStream stream) throws InterruptedException {
    List<String> names = new ArrayList<>();
    for (Optional<RoomEvent> e = stream.next(0); e.isPresent(); e = stream.next(0)) {
      names.add(e.get().name());
    }
    return names;
  }

  private static Card card(String id) {
    return new Card(id, CardType.CUSTOM, "words", null, "ann", 1, id, null, false, null);
  }

  @DisplayName("an edit completes after its commit and is in the view and in the relay")
  @Test
  void editCompletesAfterItsCommitAndIsVisible() throws Exception {
    makeRoom();
    assertEquals("c", get(worker.edit(_ -> new EditPlan<>(RoomEdits.play(card("c")), "c"))));
    assertTrue(get(worker.view()).card("c").isPresent());
    assertEquals(2, relay.changes.size());
    var copy =
        Replica.load(Optional.empty(), relay.changes, new ActorId(Bytes.utf8("0123456789abcdef")));
    assertEquals(copy.heads(), get(worker.read()).heads());
    copy.close();
  }

  @DisplayName("[RM1] the server adds the containers that a room of an earlier version lacks, once")
  @Test
  void missingContainersAreAddedOnce() throws Exception {
    List<Edit> edits =
        RoomSchema.genesis(
                GenesisOptions.standard("Test"),
                Uuid7.source(InstantSource.system(), new Random(1)),
                1)
            .stream()
            .filter(
                edit ->
                    !(edit instanceof Edit.Put(var path, _)
                        && List.of(Path.of("comments"), Path.of("reactions"), Path.of("edits"))
                            .contains(path)))
            .toList();
    get(worker.edit(_ -> new EditPlan<>(edits, true)));
    settle();
    settle();
    assertEquals(2, relay.changes.size());
    Value.MapOf root = assertInstanceOf(Value.MapOf.class, get(worker.read()).root());
    assertEquals(Value.map(), root.entries().get("comments"));
    assertEquals(Value.map(), root.entries().get("reactions"));
    assertEquals(Value.map(), root.entries().get("edits"));
    open();
    settle();
    assertEquals(2, relay.changes.size());
  }

  @DisplayName("an edit whose plan refuses writes no change")
  @Test
  void refusedPlanWritesNoChange() throws Exception {
    makeRoom();
    var refused =
        worker.<Boolean>edit(
            _ -> {
              throw new RoomRefusal(RoomRefusal.Code.CONFLICT, "card", "not your turn");
            });
    var problem = assertThrows(CompletionException.class, refused::join);
    assertEquals(
        RoomRefusal.Code.CONFLICT, assertInstanceOf(RoomRefusal.class, problem.getCause()).code());
    assertEquals(1, relay.changes.size());
  }

  @DisplayName("an edit that cannot be committed fails as unavailable, and later edits work")
  @Test
  void uncommittedEditFails() throws Exception {
    makeRoom();
    relay.diskRefuses = true;
    var uncommitted = worker.edit(_ -> new EditPlan<>(RoomEdits.play(card("c")), true));
    var problem = assertThrows(CompletionException.class, uncommitted::join);
    assertEquals(
        RoomRefusal.Code.UNAVAILABLE,
        assertInstanceOf(RoomRefusal.class, problem.getCause()).code());
    relay.diskRefuses = false;
    get(worker.edit(_ -> new EditPlan<>(RoomEdits.play(card("d")), true)));
    assertTrue(get(worker.view()).card("d").isPresent());
    assertTrue(closed.isEmpty());
  }

  @DisplayName("every opening of a room stores a new actor id")
  @Test
  void everyOpeningStoresANewActorId() throws Exception {
    makeRoom();
    assertEquals(1, actors.withPrefix(relay.document() + "/").size());
    RoomWorker reopened = open();
    assertEquals(2, actors.withPrefix(relay.document() + "/").size());
    assertEquals("Test", get(reopened.view()).title());
  }

  @DisplayName("a room has the changes that arrived while its actor id was being stored")
  @Test
  void changesThatArriveDuringOpeningAreApplied() throws Exception {
    makeRoom();
    store.holdCommits();
    RoomWorker reopened = open();
    try (var ann =
        Replica.load(
            Optional.empty(), relay.changes, new ActorId(Bytes.utf8("0123456789abcdef")))) {
      relay.deliver(List.of(ann.transact(RoomEdits.play(card("c"))).orElseThrow()));
    }
    var view = reopened.view();
    assertFalse(view.isDone());
    store.releaseCommits();
    assertTrue(get(view).card("c").isPresent());
  }

  @DisplayName("a join, a play and a chat message are each reported once, in order")
  @Test
  void joinPlayAndChatAreReportedOnceInOrder() throws Exception {
    makeRoom();
    RoomEventStream stream = worker.events().subscribe(null);
    get(worker.edit(_ -> new EditPlan<>(join("bob", 2), true)));
    settle();
    get(worker.edit(_ -> new EditPlan<>(RoomEdits.play(card("c")), true)));
    settle();
    var entry = new ChatEntry("m1", "bob", 1, ChatEntry.Kind.SAY, "hello", null);
    get(worker.edit(_ -> new EditPlan<>(RoomEdits.chat(entry), true)));
    settle();
    get(worker.edit(_ -> new EditPlan<>(RoomEdits.mute("c", true), true)));
    settle();
    assertEquals(
        List.of(RoomEvent.PLAYER_JOINED, RoomEvent.CARD_PLAYED, RoomEvent.CHAT), names(stream));
  }

  @DisplayName("a played card is reported within 200 ms")
  @Test
  void playedCardIsReportedWithin200Millis() throws Exception {
    makeRoom();
    RoomEventStream stream = worker.events().subscribe(null);
    get(worker.edit(_ -> new EditPlan<>(RoomEdits.play(card("c")), true)));
    timer.advance(200);
    assertEquals(List.of(RoomEvent.CARD_PLAYED), names(stream));
  }

  @DisplayName("a join that arrives by sync in two messages is reported once")
  @Test
  void joinBySyncInTwoMessagesIsReportedOnce() throws Exception {
    makeRoom();
    RoomEventStream stream = worker.events().subscribe(null);
    var peer =
        Replica.load(Optional.empty(), relay.changes, new ActorId(Bytes.utf8("fedcba9876543210")));
    Bytes first = peer.transact(join("eve", 3)).orElseThrow();
    Bytes second =
        peer.transact(
                List.of(new Edit.Put(Path.of("participants", "eve", "name"), Value.of("Eve"))))
            .orElseThrow();
    relay.deliver(List.of(first));
    settle();
    relay.deliver(List.of(first, second));
    settle();
    assertEquals(List.of(RoomEvent.PLAYER_JOINED), names(stream));
    peer.close();
  }

  /** A replica of the current room, for edits of this person. */
  private Replica replicaOf(String name) {
    var id = new ActorId(Bytes.utf8((name + "0123456789abcdef").substring(0, 16)));
    return Replica.load(Optional.empty(), relay.changes, id);
  }

  private static Bytes set(Replica copy, String window, String field, Value value) {
    return copy.transact(List.of(new Edit.Put(Path.of("windows", window, field), value)))
        .orElseThrow();
  }

  /** The author, kind and title of each event about a window. */
  private static List<String> windowEvents(RoomEventStream stream) throws InterruptedException {
    List<String> events = new ArrayList<>();
    for (Optional<RoomEvent> e = stream.next(0); e.isPresent(); e = stream.next(0)) {
      var data = e.get().data();
      events.add(data.get("name") + " " + data.get("change") + " " + data.get("title"));
    }
    return events;
  }

  private String window(RoomWindow.Type type) throws Exception {
    var all = get(worker.view()).windows().stream().filter(each -> each.type() == type);
    return all.findFirst().orElseThrow().id();
  }

  @Test
  @DisplayName("each change of a window is reported with its kind and its author")
  void windowEventsHaveKindAndAuthor() throws Exception {
    makeRoom();
    RoomEventStream stream = worker.events().subscribe(null);
    String chat = window(RoomWindow.Type.CHAT);
    var ann = replicaOf("ann");
    var edits =
        List.of(
            set(ann, chat, "pos", Value.of("8,8")),
            set(ann, chat, "size", Value.of("400x300")),
            set(ann, chat, "state", Value.of("closed")),
            set(ann, chat, "state", Value.of("minimized")),
            set(ann, chat, "state", Value.of("open")),
            set(ann, chat, "title", Value.of("Talk")),
            set(ann, chat, "props", Value.map("seed", Value.of("tide"))),
            set(ann, chat, "z", Value.of("zz")));
    for (Bytes edit : edits) {
      relay.deliver("ann", edit);
      settle();
    }
    assertEquals(
        List.of(
            "ann moved Chat",
            "ann resized Chat",
            "ann closed Chat",
            "ann minimized Chat",
            "ann opened Chat",
            "ann renamed Talk",
            "ann parameters Talk",
            "ann changed Talk"),
        windowEvents(stream));
    ann.close();
  }

  @Test
  @DisplayName(
      "window changes of two people between two readings are reported with the author of each")
  void eachWindowEventHasItsAuthor() throws Exception {
    makeRoom();
    get(worker.edit(_ -> new EditPlan<>(join("bob", 2), true)));
    settle();
    RoomEventStream stream = worker.events().subscribe(null);
    var ann = replicaOf("ann");
    var bob = replicaOf("bob");
    String chat = window(RoomWindow.Type.CHAT);
    String stack = window(RoomWindow.Type.STACK);
    relay.deliver("ann", set(ann, chat, "title", Value.of("Talk"))); // the room is read at once
    relay.deliver("ann", set(ann, chat, "pos", Value.of("8,8")));
    relay.deliver("bob", set(bob, stack, "pos", Value.of("16,16")));
    relay.deliver("bob", set(bob, stack, "state", Value.of("closed")));
    assertEquals(List.of("ann renamed Talk", "ann moved Talk"), windowEvents(stream));
    settle();
    assertEquals(List.of("bob closed Stack", "bob moved Stack"), windowEvents(stream));
    ann.close();
    bob.close();
  }

  @Test
  @DisplayName("a text above its limit causes one message with its author, not one for each change")
  void truncationIsReportedOnce() throws Exception {
    makeRoom();
    var ann = replicaOf("ann");
    String chat = window(RoomWindow.Type.CHAT);
    relay.deliver("ann", set(ann, chat, "title", Value.of("x".repeat(200))));
    settle();
    assertEquals(List.of(), relay.broadcasts);
    relay.deliver("ann", set(ann, chat, "title", Value.of("x".repeat(201))));
    settle();
    relay.deliver("ann", set(ann, chat, "title", Value.of("x".repeat(202))));
    settle();
    var expected =
        new CborWriter()
            .map(4)
            .text("type")
            .text("text-cut")
            .text("path")
            .text("windows/" + chat + "/title")
            .text("lengthMax")
            .integer(200)
            .text("by")
            .list(1)
            .text("ann")
            .toBytes();
    assertEquals(List.of(expected), relay.broadcasts);
    ann.close();
  }

  @DisplayName(
      "a participant that stays disconnected is reported after the grace time; a reload is not")
  @Test
  void departureIsReportedAfterTheGraceTime() throws Exception {
    makeRoom();
    relay.join("ann", "tab-1");
    RoomEventStream stream = worker.events().subscribe(null);
    relay.leave("ann", "tab-1");
    timer.advance(4_000);
    relay.join("ann", "tab-2");
    timer.advance(60_000);
    assertEquals(List.of(), names(stream));
    relay.leave("ann", "tab-2");
    timer.advance(4_999);
    assertEquals(List.of(), names(stream));
    timer.advance(1);
    assertEquals(List.of(RoomEvent.PLAYER_LEFT), names(stream));
  }

  @DisplayName("when the player whose turn it is leaves, the next holder of the turn is reported")
  @Test
  void departureOfTheHolderReportsTheNextHolder() throws Exception {
    makeRoom();
    List<Edit> edits = new ArrayList<>(join("bob", 2));
    edits.add(new Edit.Put(Path.of("settings", "turnMode"), Value.of("turns")));
    get(worker.edit(_ -> new EditPlan<>(edits, true)));
    settle();
    relay.join("ann", "tab-a");
    relay.join("bob", "tab-b");
    RoomEventStream stream = worker.events().subscribe(null);
    relay.leave("ann", "tab-a");
    timer.advance(5_000);
    assertEquals(RoomEvent.PLAYER_LEFT, stream.next(0).orElseThrow().name());
    RoomEvent turn = stream.next(0).orElseThrow();
    assertEquals(RoomEvent.TURN_CHANGED, turn.name());
    assertEquals("bob", turn.data().get("identity"));
  }

  @DisplayName(
      "bytes that the bindings refuse close the room, and its requests fail as unavailable")
  @Test
  void unreadableBytesCloseTheRoom() throws Exception {
    makeRoom();
    relay.deliver(List.of(Bytes.utf8("no change at all")));
    assertTrue(worker.isClosed());
    assertEquals(1, closed.size());
    assertTrue(metrics.scrape().contains("parlor_rooms_failed_total 1.0"));
    var refused = assertThrows(CompletionException.class, () -> worker.view().join());
    assertEquals(
        RoomRefusal.Code.UNAVAILABLE,
        assertInstanceOf(RoomRefusal.class, refused.getCause()).code());
    assertEquals(0, relay.observers());
  }

  @DisplayName("a room whose document failed in the relay is closed")
  @Test
  void relayFailureClosesTheRoom() throws Exception {
    makeRoom();
    RoomEventStream stream = worker.events().subscribe(null);
    relay.fail();
    assertTrue(worker.isClosed());
    assertTrue(stream.ended());
  }

  @DisplayName("a room closes when it is idle, but not while a peer is connected")
  @Test
  void onlyAnIdleRoomCloses() throws Exception {
    makeRoom();
    relay.join("ann", "tab");
    timer.advance(400_000);
    worker.closeIfIdle(timer.now());
    assertFalse(worker.isClosed());
    relay.leave("ann", "tab");
    timer.advance(400_000);
    worker.closeIfIdle(timer.now() - 300_000);
    assertTrue(worker.isClosed());
    assertEquals(List.of("null"), closed);
  }

  private static EditAuthor author(String identity) {
    return new EditAuthor(new Caller(Optional.of(identity), Role.PLAYER, Optional.empty()), null);
  }

  @DisplayName("an edit on behalf of a person is submitted with the person, who is named in events")
  @Test
  void editOnBehalfNamesItsAuthor() throws Exception {
    makeRoom();
    var window = get(worker.view()).windows().getFirst().id();
    var stream = worker.events().subscribe(null);
    get(worker.edit(author("ann"), _ -> new EditPlan<>(RoomEdits.move(window, 7, 8), true)));
    settle();
    assertEquals(List.of("ann"), relay.authors);
    var moved = stream.next(0).orElseThrow();
    assertEquals("moved", moved.data().get("change"));
    assertEquals("ann", moved.data().get("by"));
  }

  @DisplayName(
      "if the relay refuses an edit on behalf of a person, the caller is told, and the room is"
          + " opened again without the edit")
  @Test
  void refusedEditOnBehalfOpensTheRoomAgain() throws Exception {
    makeRoom();
    relay.refusesAuthors = true;
    var refused = worker.edit(author("eve"), _ -> new EditPlan<>(RoomEdits.play(card("c")), true));
    var problem = assertThrows(CompletionException.class, refused::join);
    assertEquals(
        RoomRefusal.Code.NOT_ALLOWED,
        assertInstanceOf(RoomRefusal.class, problem.getCause()).code());
    assertTrue(worker.isClosed());
    assertEquals(List.of("null", "reopened"), closed);
  }
}

package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.TestPeer;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Texts that peers create concurrently, over real sockets [RM10]. */
class HiddenTextsIT {
  private static final Path TEXT = Path.of("notes", "plan", "text");

  private static List<Edit> note(String words) {
    return RoomEdits.note(new dev.parlor.room.schema.Note("plan", words));
  }

  private static List<Edit> append(RoomView view, String words) {
    String text = text(view);
    return List.of(new Edit.SpliceText(TEXT, text.codePointCount(0, text.length()), 0, words));
  }

  private static String text(RoomView view) {
    return view.note("plan").map(note -> note.text()).orElse("");
  }

  private static Predicate<RoomView> hasOnce(String... words) {
    return view -> {
      String text = text(view);
      for (String each : words) {
        if (!text.contains(each) || text.indexOf(each) != text.lastIndexOf(each)) {
          return false;
        }
      }
      return true;
    };
  }

  @Test
  @DisplayName(
      "[RM10] a note that three offline peers create keeps all words once, also after a restart")
  void threePeers() throws Exception {
    MemoryChangeStore store = new MemoryChangeStore(new StorageId("hidden"));
    try (StubModel stub = new StubModel()) {
      DocumentId room;
      TestPeer ann;
      TestPeer bob;
      TestPeer eve;
      try (GenerationFixture fixture = new GenerationFixture(store, stub::client)) {
        room = fixture.newRoom(List.of("ann", "bob", "eve"));
        ann = fixture.peer("ann", room);
        bob = fixture.peer("bob", room);
        eve = fixture.peer("eve", room);
        List.of(ann, bob, eve).forEach(TestPeer::disconnect);
        ann.edit(_ -> note("Ann began."));
        bob.edit(_ -> note("Bob began."));
        eve.edit(_ -> note("Eve began."));
        ann.connect(fixture.relay.url());
        bob.connect(fixture.relay.url());
        ann.await("both texts are visible", hasOnce("Ann began.", "Bob began."));
        bob.await("both texts are visible", hasOnce("Ann began.", "Bob began."));
        ann.disconnect();
        bob.disconnect();
      }
      try (GenerationFixture fixture = new GenerationFixture(store, stub::client)) {
        var _ = fixture.rooms.of(room); // as for a peer that joins through the server
        eve.edit(view -> append(view, " Eve went on."));
        eve.connect(fixture.relay.url());
        ann.connect(fixture.relay.url());
        bob.connect(fixture.relay.url());
        String[] all = {"Ann began.", "Bob began.", "Eve began. Eve went on."};
        RoomView view = ann.await("all three texts are visible", hasOnce(all));
        bob.await("all three texts are visible", hasOnce(all));
        eve.await("all three texts are visible", hasOnce(all));
        TestPeer late = fixture.peer("late", room);
        assertEquals(text(view), text(late.await("all three texts are visible", hasOnce(all))));
        late.close();
      }
      List.of(ann, bob, eve).forEach(TestPeer::close);
    }
  }

  @Test
  @DisplayName(
      "[RM10] a system prompt that two peers set concurrently as a scalar keeps both texts")
  void twoScalars() throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture fixture = new GenerationFixture(stub::client)) {
      DocumentId room = fixture.newRoom(List.of("ann", "bob"));
      TestPeer ann = fixture.peer("ann", room);
      TestPeer bob = fixture.peer("bob", room);
      ann.disconnect();
      bob.disconnect();
      Path path = Path.of("settings", "systemPrompt");
      ann.edit(_ -> List.of(new Edit.Put(path, Value.of("Be brief."))));
      bob.edit(_ -> List.of(new Edit.Put(path, Value.of("Be kind."))));
      ann.connect(fixture.relay.url());
      bob.connect(fixture.relay.url());
      Predicate<RoomView> hasBoth =
          view ->
              List.of(view.settings().systemPrompt().split("\n\n")).size() == 2
                  && view.settings().systemPrompt().contains("Be brief.")
                  && view.settings().systemPrompt().contains("Be kind.");
      ann.await("both texts are visible", hasBoth);
      bob.await("both texts are visible", hasBoth);
      ann.close();
      bob.close();
    }
  }
}

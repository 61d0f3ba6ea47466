package dev.parlor.server.contexts;

import static dev.parlor.server.contexts.RoomsOnDisk.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.record.Transactions;
import dev.parlor.contexts.StoredContexts;
import dev.parlor.relay.admission.Role;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.schema.ChatEntry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contexts in the chat of a real room; contexts, members and the room are in one store on disk. */
class RoomContextChatIT {
  private static final String ADA = "jwt:ada";
  private static final String BO = "jwt:bo";
  private static final String CONTEXT = "my-context";

  private final RoomsOnDisk rooms;
  private final StoredContexts contexts;
  private final RoomInfo room;

  RoomContextChatIT(@TempDir Path folder) throws Exception {
    rooms = new RoomsOnDisk(folder);
    contexts =
        new StoredContexts(
            new Transactions(rooms.records()),
            rooms.chat,
            Quotas.defaults().contextsMax(),
            () -> "drawn1234567",
            InstantSource.system());
    room = rooms.room(2);
    get(contexts.ensure(ADA, Optional.of(CONTEXT)));
  }

  @AfterEach
  void close() throws Exception {
    rooms.close();
  }

  private static JsonNode line(String text) {
    return new ObjectMapper()
        .createObjectNode()
        .put("type", "block.toplevel.line")
        .put("blockId", "b")
        .put("streamId", "s")
        .put("seq", 0)
        .put("blockNr", 0)
        .put("timestamp", "2026-01-01T00:00:00Z")
        .put("lineNr", 0)
        .put("line", text);
  }

  private long append(String text) throws Exception {
    return get(contexts.append(ADA, CONTEXT, "llm", List.of(line(text))));
  }

  private CompletableFuture<Void> attach() {
    return contexts.attach(ADA, CONTEXT, room.slug());
  }

  private static AppsException refusal(CompletableFuture<?> result) {
    var error = assertThrows(ExecutionException.class, () -> get(result));
    return assertInstanceOf(AppsException.class, error.getCause());
  }

  private List<String> texts() throws Exception {
    return rooms.chatOf(room).stream().map(ChatEntry::text).toList();
  }

  @Test
  @DisplayName(
      "each section of an attached context appears once in the chat, as an entry of the player's program")
  void sectionsAppear() throws Exception {
    rooms.join(room, ADA, "Ada", Role.PLAYER);
    append("before");
    get(attach());
    append("first");
    append("second");
    var chat = rooms.chatOf(room);
    assertEquals(List.of("first", "second"), texts());
    for (var entry : chat) {
      assertEquals(ChatEntry.Kind.PROGRAM, entry.kind());
      assertEquals(ADA, entry.by());
    }
    assertTrue(chat.get(0).id().compareTo(chat.get(1).id()) != 0, "two entries have one id");
  }

  @Test
  @DisplayName("after detaching, a section is stored and does not appear in the chat")
  void detached() throws Exception {
    rooms.join(room, ADA, "Ada", Role.HOST);
    get(attach());
    append("shown");
    get(contexts.detach(ADA, CONTEXT));
    assertEquals(1, append("hidden"));
    assertEquals(List.of("shown"), texts());
  }

  @Test
  @DisplayName(
      "a spectator and a stranger may not attach a context, and an unknown room is not found")
  void others() throws Exception {
    var opened = rooms.openRooms();
    assertEquals(ErrorCode.ACCESS_DENIED, refusal(attach()).code(), "a stranger");
    rooms.join(room, ADA, "Ada", Role.SPECTATOR);
    var refused = refusal(attach());
    assertEquals(ErrorCode.ACCESS_DENIED, refused.code(), "a spectator");
    assertEquals(Optional.of("room"), refused.field());
    for (var slug : List.of("", "unknown", "x".repeat(5_000))) {
      assertEquals(ErrorCode.NOT_FOUND, refusal(contexts.attach(ADA, CONTEXT, slug)).code(), slug);
    }
    append("hidden");
    assertEquals(List.of(), texts());
    assertEquals(opened, rooms.openRooms());
  }

  @Test
  @DisplayName("a player without a seat may not attach a context")
  void withoutASeat() throws Exception {
    // Seats go by the time of joining, and by identity among people of the same millisecond.
    rooms.join(room, "jwt:a-first", "First", Role.PLAYER);
    rooms.join(room, "jwt:a-second", "Second", Role.PLAYER);
    rooms.join(room, ADA, "Ada", Role.PLAYER);
    assertEquals(ErrorCode.ACCESS_DENIED, refusal(attach()).code());
  }

  @Test
  @DisplayName("a person removed from the room after attaching adds nothing to its chat")
  void removedPerson() throws Exception {
    rooms.join(room, ADA, "Ada", Role.PLAYER);
    get(attach());
    append("shown");
    assertEquals(List.of("shown"), texts()); // The entry is in the room before the removal.
    rooms.access.members().setKicked(room.slug(), ADA, true);
    assertEquals(1, append("hidden"));
    assertEquals(List.of("shown"), texts());
    rooms.access.members().setKicked(room.slug(), ADA, false);
    // The document has the role of a removed person; joining again sets it.
    rooms.join(room, ADA, "Ada", Role.PLAYER);
    append("shown again");
    assertEquals(List.of("shown", "shown again"), texts());
  }

  @Test
  @DisplayName("the context of another user cannot be attached, not even by a host of the room")
  void anothersContext() throws Exception {
    rooms.join(room, BO, "Bo", Role.HOST);
    assertEquals(
        ErrorCode.ACCESS_DENIED, refusal(contexts.attach(BO, CONTEXT, room.slug())).code());
  }

  @Test
  @DisplayName(
      "sections above the rate are stored and not shown, and later sections are shown again")
  void rate() throws Exception {
    rooms.join(room, ADA, "Ada", Role.PLAYER);
    get(attach());
    var count = AppLimits.CHAT_ENTRIES_BURST_MAX + 5;
    for (var at = 0; at < count; at++) {
      assertEquals(at, append("section " + at));
    }
    var expected =
        new ArrayList<>(
            IntStream.range(0, AppLimits.CHAT_ENTRIES_BURST_MAX)
                .mapToObj(at -> "section " + at)
                .toList());
    assertEquals(expected, texts());
    rooms.advanceSeconds(60);
    append("later");
    expected.add("later");
    assertEquals(expected, texts());
  }
}

package dev.parlor.contexts;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Shows the sections of attached contexts in the chats of rooms. Safe from any thread. */
public interface ContextChat {

  /**
   * Checks that a user may attach a context to a room.
   *
   * @return fails with an {@link dev.parlor.apps.error.AppsException}: {@code not-found} if there
   *     is no such room, {@code access-denied} if the user is no player of it
   */
  CompletableFuture<Void> requirePlayer(String room, String userId);

  /** Adds a stored section to the room's chat. A failure is logged; the section stays stored. */
  void show(String room, String userId, String origin, List<JsonNode> blocks);
}

package dev.parlor.contexts;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Contexts of proved users. Every future completes when the outcome is durable, or fails with an
 * {@link dev.parlor.apps.error.AppsException}. Safe from any thread.
 */
public interface ContextService {

  /**
   * Makes sure that a context of this user exists.
   *
   * @param contextId a chosen id; empty draws a new one
   * @return its id
   */
  CompletableFuture<String> ensure(String userId, Optional<String> contextId);

  /**
   * Appends a section.
   *
   * @param origin {@code user} or {@code llm}
   * @param blocks the blocks as given; their type and common fields are checked
   * @return the number of the section, from 0 without a gap
   */
  CompletableFuture<Long> append(
      String userId, String contextId, String origin, List<JsonNode> blocks);

  /** Sections from a number on, at most {@code limit}. */
  CompletableFuture<List<Section>> sections(String userId, String contextId, long from, int limit);

  /** Attaches the context to a room; its later sections appear in the room's chat. */
  CompletableFuture<Void> attach(String userId, String contextId, String room);

  CompletableFuture<Void> detach(String userId, String contextId);

  /** A stored section. */
  record Section(long seq, String origin, List<JsonNode> blocks, Instant created) {
    public Section {
      blocks = List.copyOf(blocks);
    }
  }
}

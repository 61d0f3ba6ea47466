package dev.parlor.apps.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.apps.message.Fields;
import java.util.concurrent.CompletableFuture;

/**
 * Handles one type of request. It reads the fields at once, on the caller's thread; the answer
 * completes when the outcome is durable.
 */
@FunctionalInterface
interface Handler {

  /**
   * Handles a request.
   *
   * @return the payload of the answer; fails with an {@link dev.parlor.apps.error.AppsException}
   */
  CompletableFuture<ObjectNode> handle(Caller caller, Fields payload);
}

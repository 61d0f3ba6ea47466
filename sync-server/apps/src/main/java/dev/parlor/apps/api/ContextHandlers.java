package dev.parlor.apps.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.message.Answers;
import dev.parlor.apps.message.Fields;
import dev.parlor.contexts.ContextService;
import java.util.concurrent.CompletableFuture;

/** The requests about contexts. Those with the word {@code parlor} are of this server only. */
final class ContextHandlers {
  private final ContextService contexts;

  ContextHandlers(ContextService contexts) {
    this.contexts = contexts;
  }

  void addTo(Routes routes) {
    routes.add("req-ensure-chat-context", this::ensure);
    routes.add("req-append-chat-section", this::append);
    routes.add("req-parlor-list-chat-sections", this::sections);
    routes.add("req-parlor-attach-chat-context", this::attach);
    routes.add("req-parlor-detach-chat-context", this::detach);
  }

  private CompletableFuture<ObjectNode> ensure(Caller caller, Fields payload) {
    return contexts
        .ensure(caller.user(), payload.optionalText("contextId"))
        .thenApply(id -> ofContext("res-ensure-chat-context", id));
  }

  private CompletableFuture<ObjectNode> append(Caller caller, Fields payload) {
    var id = payload.text("contextId");
    var origin = payload.text("origin");
    return contexts
        .append(caller.user(), id, origin, payload.list("blocks"))
        .thenApply(
            seq -> ofContext("res-append-chat-section", id).put("seq", seq).put("origin", origin));
  }

  private CompletableFuture<ObjectNode> sections(Caller caller, Fields payload) {
    var id = payload.text("contextId");
    var limit =
        Math.clamp(
            payload.whole("limit", AppLimits.SECTIONS_READ_MAX), 1, AppLimits.SECTIONS_READ_MAX);
    return contexts
        .sections(caller.user(), id, Math.max(0, payload.whole("from", 0)), limit)
        .thenApply(
            sections -> {
              var answer = ofContext("res-parlor-list-chat-sections", id);
              var items = answer.putArray("sections");
              for (var section : sections) {
                var item =
                    items
                        .addObject()
                        .put("seq", section.seq())
                        .put("origin", section.origin())
                        .put("created", section.created().toString());
                item.putArray("blocks").addAll(section.blocks());
              }
              return answer;
            });
  }

  private CompletableFuture<ObjectNode> attach(Caller caller, Fields payload) {
    var id = payload.text("contextId");
    var room = payload.text("room");
    return contexts
        .attach(caller.user(), id, room)
        .thenApply(_ -> ofContext("res-parlor-attach-chat-context", id).put("room", room));
  }

  private CompletableFuture<ObjectNode> detach(Caller caller, Fields payload) {
    var id = payload.text("contextId");
    return contexts
        .detach(caller.user(), id)
        .thenApply(_ -> ofContext("res-parlor-detach-chat-context", id));
  }

  private static ObjectNode ofContext(String name, String contextId) {
    return Answers.of(name).put("contextId", contextId);
  }
}

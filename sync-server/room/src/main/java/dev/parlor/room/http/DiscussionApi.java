package dev.parlor.room.http;

import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.Comment;
import dev.parlor.room.schema.IdSource;
import dev.parlor.room.schema.OwnKey;
import dev.parlor.room.schema.Reaction;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.EditPlan;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** The endpoints for comments, votes and later texts of chat messages. */
final class DiscussionApi {
  private final RequestAuthorizer authorizer;
  private final RoomGateway gateway;
  private final IdSource ids;
  private final InstantSource clock;

  DiscussionApi(
      RequestAuthorizer authorizer, RoomGateway gateway, IdSource ids, InstantSource clock) {
    this.authorizer = authorizer;
    this.gateway = gateway;
    this.ids = ids;
    this.clock = clock;
  }

  void addTo(Endpoints endpoints) {
    endpoints.post("/api/rooms/{slug}/comments", this::comment);
    endpoints.post("/api/rooms/{slug}/comments/resolve", this::resolve);
    endpoints.post("/api/rooms/{slug}/reactions", this::react);
    endpoints.post("/api/rooms/{slug}/chat/edit", this::editChat);
  }

  /**
   * Adds a comment or a reply. The quoted words give the place, since HTTP has no cursors [CM2].
   */
  Reply comment(HttpCall call) {
    var visitor = authorizer.enter(call);
    var identity = authorizer.requireIdentity(call);
    var fields = RequestFields.parse(call.body(), "target", "text", "quoted", "thread");
    var target = fields.line("target", RoomLimits.SHORT_LENGTH_MAX);
    var text = fields.text("text", RoomLimits.COMMENT_LENGTH_MAX).strip();
    var quoted = fields.optionalText("quoted", RoomLimits.COMMENT_QUOTE_LENGTH_MAX).orElse("");
    var thread = fields.optionalLine("thread", RoomLimits.SHORT_LENGTH_MAX).orElse(null);
    var comment =
        new Comment(
            OwnKey.of(ids.next(), identity),
            identity,
            clock.millis(),
            target,
            thread,
            quoted,
            "",
            "",
            text,
            null);
    gateway.edit(
        visitor.room(),
        view -> {
          RoomGateway.requireWriter(visitor, identity, view);
          requireTarget(view, target, false);
          if (thread != null) {
            requireThread(view, thread, target);
          }
          return new EditPlan<>(RoomEdits.comment(comment), true);
        });
    var reply = new LinkedHashMap<String, Object>();
    reply.put("comment", comment.key());
    reply.put("by", identity);
    reply.put("at", comment.at());
    return Reply.json(201, reply);
  }

  /** Resolves or reopens the thread of a comment. */
  Reply resolve(HttpCall call) {
    var visitor = authorizer.enter(call);
    var identity = authorizer.requireIdentity(call);
    var fields = RequestFields.parse(call.body(), "comment", "reopen");
    var key = fields.line("comment", RoomLimits.SHORT_LENGTH_MAX);
    var resolved =
        fields.optionalFlag("reopen") ? null : new Comment.Resolved(identity, clock.millis());
    gateway.edit(
        visitor.room(),
        view -> {
          RoomGateway.requireWriter(visitor, identity, view);
          if (view.discussion().comments().stream()
              .noneMatch(each -> each.key().equals(key) && each.thread() == null)) {
            throw notFound("comment", "comment is not the first comment of a thread in this room");
          }
          return new EditPlan<>(RoomEdits.resolve(key, resolved), true);
        });
    return Reply.json(200, Map.of("comment", key, "resolved", resolved != null));
  }

  /** Adds a vote or another sign, or takes it back. */
  Reply react(HttpCall call) {
    var visitor = authorizer.enter(call);
    var identity = authorizer.requireIdentity(call);
    var fields = RequestFields.parse(call.body(), "target", "sign", "remove");
    var target = fields.line("target", RoomLimits.SHORT_LENGTH_MAX);
    var sign = fields.line("sign", RoomLimits.SHORT_LENGTH_MAX);
    var remove = fields.optionalFlag("remove");
    if (!Reaction.SIGNS.contains(sign)) {
      var message = "sign is one of " + String.join(", ", Reaction.SIGNS);
      throw ProblemDetail.field(422, "sign", message).thrown();
    }
    var reaction = new Reaction(target, sign, identity, clock.millis());
    gateway.edit(
        visitor.room(),
        view -> {
          RoomGateway.requireWriter(visitor, identity, view);
          requireTarget(view, target, true);
          return new EditPlan<>(
              remove ? RoomEdits.takeBack(reaction) : RoomEdits.react(reaction), true);
        });
    return Reply.json(200, Map.of("target", target, "sign", sign, "set", !remove));
  }

  /** Replaces the text of an own chat message. Without a text the message is deleted. */
  Reply editChat(HttpCall call) {
    var visitor = authorizer.enter(call);
    var identity = authorizer.requireIdentity(call);
    var fields = RequestFields.parse(call.body(), "id", "text");
    var id = fields.line("id", RoomLimits.SHORT_LENGTH_MAX);
    var text = fields.optionalText("text", RoomLimits.CHAT_LENGTH_MAX).orElse("").strip();
    var at = clock.millis();
    gateway.edit(
        visitor.room(),
        view -> {
          RoomGateway.requireSpeaker(visitor, identity, view);
          requireOwnMessage(view, id, identity);
          return new EditPlan<>(RoomEdits.editChat(id, identity, text, at), true);
        });
    return Reply.json(200, Map.of("id", id, "text", text, "editedAt", at));
  }

  private static void requireOwnMessage(RoomView view, String id, String identity) {
    var entry =
        view.chat().stream()
            .filter(each -> each.id().equals(id))
            .findFirst()
            .orElseThrow(() -> notFound("id", "id is not a message in this room"));
    if (!entry.by().equals(identity) || entry.kind() != ChatEntry.Kind.SAY) {
      throw ProblemDetail.forbidden("not-yours", "only the author of a message edits it").thrown();
    }
  }

  private static void requireThread(RoomView view, String thread, String target) {
    if (view.discussion().comments().stream()
        .noneMatch(
            each ->
                each.key().equals(thread)
                    && each.thread() == null
                    && each.target().equals(target))) {
      throw notFound("thread", "thread is not the first comment of a thread on this target");
    }
  }

  /** Refuses a target that is not in the room. A chat message takes reactions and no comments. */
  private static void requireTarget(RoomView view, String target, boolean takesChat) {
    var at = target.indexOf(':');
    var id = target.substring(at + 1);
    var isThere =
        switch (target.substring(0, Math.max(0, at))) {
          case "note" -> view.note(id).isPresent();
          case "card" -> view.card(id).isPresent();
          case "result" -> view.result(id).isPresent();
          case "chat" -> takesChat && view.chat().stream().anyMatch(each -> each.id().equals(id));
          default -> false;
        };
    if (!isThere) {
      throw notFound(
          "target",
          "target names a "
              + (takesChat ? "card, answer or chat message" : "note, card or answer")
              + " of this room, as in card:<id> or result:<request>");
    }
  }

  private static ProblemException notFound(String field, String message) {
    return ProblemDetail.field(422, field, message).thrown();
  }
}

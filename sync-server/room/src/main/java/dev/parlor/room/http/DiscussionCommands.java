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
import java.util.List;
import java.util.Map;

/** The commands for comments, votes and later texts of chat messages. */
final class DiscussionCommands {
  private final RoomGateway gateway;
  private final IdSource ids;
  private final InstantSource clock;

  DiscussionCommands(RoomGateway gateway, IdSource ids, InstantSource clock) {
    this.gateway = gateway;
    this.ids = ids;
    this.clock = clock;
  }

  List<Command> commands() {
    return List.of(
        new Command(
            "comment",
            "Comments on a note, a card or an answer, or replies to a comment.",
            List.of(
                id("target", "note:<id>, card:<id> or result:<request>").needed(),
                CommandField.text("text", RoomLimits.COMMENT_LENGTH_MAX, "the comment").needed(),
                CommandField.text(
                    "quoted",
                    RoomLimits.COMMENT_QUOTE_LENGTH_MAX,
                    "the words of the target that the comment is about"),
                id("thread", "for a reply: the first comment of the thread")),
            this::comment),
        new Command(
            "comment_resolve",
            "Resolves or reopens the thread of a comment.",
            List.of(
                id("comment", "the first comment of the thread").needed(),
                CommandField.flag("reopen", "true to reopen the thread")),
            this::resolve),
        new Command(
            "react",
            "Puts a vote or another sign on a card, an answer or a chat message.",
            List.of(
                id("target", "card:<id>, result:<request> or chat:<id>").needed(),
                new CommandField(
                    "sign",
                    CommandField.Kind.LINE,
                    true,
                    0,
                    RoomLimits.SHORT_LENGTH_MAX,
                    Reaction.SIGNS.stream().sorted().toList(),
                    "the sign; up is a vote"),
                CommandField.flag("remove", "true to take the sign back")),
            this::react),
        new Command(
            "chat_edit",
            "Replaces the text of an own chat message. Without a text the message is deleted.",
            List.of(
                id("message", "the id of the message").needed(),
                CommandField.text("text", RoomLimits.CHAT_LENGTH_MAX, "the later text")),
            this::editChat));
  }

  private static CommandField id(String name, String meaning) {
    return CommandField.line(name, RoomLimits.SHORT_LENGTH_MAX, meaning);
  }

  /**
   * Adds a comment or a reply. The quoted words give the place, since commands have no cursors
   * [CM2].
   */
  private Reply comment(CommandCall call) {
    var visitor = call.visitor();
    var identity = call.identity();
    var fields = call.fields();
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
        call.author(),
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
  private Reply resolve(CommandCall call) {
    var visitor = call.visitor();
    var identity = call.identity();
    var fields = call.fields();
    var key = fields.line("comment", RoomLimits.SHORT_LENGTH_MAX);
    var resolved =
        fields.optionalFlag("reopen") ? null : new Comment.Resolved(identity, clock.millis());
    gateway.edit(
        visitor.room(),
        call.author(),
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
  private Reply react(CommandCall call) {
    var visitor = call.visitor();
    var identity = call.identity();
    var fields = call.fields();
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
        call.author(),
        view -> {
          RoomGateway.requireWriter(visitor, identity, view);
          requireTarget(view, target, true);
          return new EditPlan<>(
              remove ? RoomEdits.takeBack(reaction) : RoomEdits.react(reaction), true);
        });
    return Reply.json(200, Map.of("target", target, "sign", sign, "set", !remove));
  }

  /** Replaces the text of an own chat message. Without a text the message is deleted. */
  private Reply editChat(CommandCall call) {
    var visitor = call.visitor();
    var identity = call.identity();
    var fields = call.fields();
    var id = fields.line("message", RoomLimits.SHORT_LENGTH_MAX);
    var text = fields.optionalText("text", RoomLimits.CHAT_LENGTH_MAX).orElse("").strip();
    var at = clock.millis();
    gateway.edit(
        visitor.room(),
        call.author(),
        view -> {
          RoomGateway.requireSpeaker(visitor, identity, view);
          requireOwnMessage(view, id, identity);
          return new EditPlan<>(RoomEdits.editChat(id, identity, text, at), true);
        });
    return Reply.json(200, Map.of("message", id, "text", text, "editedAt", at));
  }

  private static void requireOwnMessage(RoomView view, String id, String identity) {
    var entry =
        view.chat().stream()
            .filter(each -> each.id().equals(id))
            .findFirst()
            .orElseThrow(
                () -> notFound("message", "message is not the id of a message in this room"));
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

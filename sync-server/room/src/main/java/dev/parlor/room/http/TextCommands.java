package dev.parlor.room.http;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.room.schema.BoardEdits;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.CardRules;
import dev.parlor.room.schema.FractionalIndex;
import dev.parlor.room.schema.Named;
import dev.parlor.room.schema.Note;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Settings;
import dev.parlor.room.worker.EditPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The commands for the texts of notes and cards, the place of cards, the title and settings. */
final class TextCommands {
  private final RoomGateway gateway;
  private final RandomGenerator random;

  TextCommands(RoomGateway gateway, RandomGenerator random) {
    this.gateway = gateway;
    this.random = random;
  }

  List<Command> commands() {
    var note =
        CommandField.line("note", RoomLimits.SHORT_LENGTH_MAX, "the id of the note").needed();
    var card =
        CommandField.line("card", RoomLimits.SHORT_LENGTH_MAX, "the id of the card").needed();
    return List.of(
        new Command(
            "note_edit",
            "Replaces a part of a note; what others type elsewhere stays.",
            List.of(
                note,
                CommandField.integer(
                        "at", 0, RoomLimits.NOTE_LENGTH_MAX, "the position in UTF-16 units")
                    .needed(),
                CommandField.integer(
                    "delete", 0, RoomLimits.NOTE_LENGTH_MAX, "UTF-16 units to remove"),
                CommandField.text("insert", RoomLimits.NOTE_LENGTH_MAX, "the text to insert")),
            this::editNote),
        new Command(
            "note_text",
            "Changes the text of a note with the smallest edit.",
            List.of(
                note,
                CommandField.text("text", RoomLimits.NOTE_LENGTH_MAX, "the new text; may be empty")
                    .needed()),
            this::setNote),
        new Command(
            "card_text",
            "Changes the text of a card with the smallest edit.",
            List.of(
                card,
                CommandField.text("text", RoomLimits.CARD_LENGTH_MAX, "the new text").needed()),
            this::setCard),
        new Command(
            "card_mute",
            "Mutes a card or ends that.",
            List.of(card, CommandField.flag("muted", "whether the card is muted").needed()),
            call -> card(call, mute(call))),
        new Command(
            "card_remove",
            "Takes a card off the stack.",
            List.of(card),
            call -> card(call, (_, each) -> RoomEdits.remove(each.id(), call.identity()))),
        new Command(
            "card_restore",
            "Puts a removed card back on the stack.",
            List.of(card),
            call -> card(call, (_, each) -> RoomEdits.restore(each.id()))),
        new Command(
            "card_move",
            "Moves a card in the stack.",
            List.of(
                card,
                CommandField.line(
                    "before",
                    RoomLimits.SHORT_LENGTH_MAX,
                    "the card that follows it then; without it the end")),
            call -> card(call, move(call))),
        new Command(
            "title",
            "Changes the room's title.",
            List.of(
                CommandField.line("title", RoomLimits.TITLE_LENGTH_MAX, "the new title").needed()),
            this::setTitle),
        new Command(
            "settings",
            "Changes the settings that the call has; only a host may do this.",
            settingFields(),
            this::setSettings));
  }

  private static List<CommandField> settingFields() {
    return List.of(
        CommandField.choice("turnMode", Settings.TurnMode.values(), "free or in turns"),
        CommandField.integer("maxPlayers", 1, RoomLimits.PLAYERS_MAX, "the number of seats"),
        CommandField.choice("status", Settings.Status.values(), "the state shown to people"),
        CommandField.choice("stackRule", Settings.StackRule.values(), "latest or all role cards"),
        CommandField.line("model", RoomLimits.SHORT_LENGTH_MAX, "the model"),
        CommandField.text(
            "systemPrompt", RoomLimits.SYSTEM_PROMPT_LENGTH_MAX, "comes before all cards"),
        CommandField.flag("spectatorChat", "whether spectators may chat"),
        CommandField.integer("slots", 1, RoomLimits.SLOTS_MAX, "runs at the same time"));
  }

  // Notes.

  private Reply editNote(CommandCall call) {
    var fields = call.fields();
    var id = fields.line("note", RoomLimits.SHORT_LENGTH_MAX);
    var at = (int) fields.integer("at", 0, RoomLimits.NOTE_LENGTH_MAX);
    var delete =
        fields
            .optionalInteger("delete", 0, RoomLimits.NOTE_LENGTH_MAX)
            .map(Long::intValue)
            .orElse(0);
    var insert = fields.optionalText("insert", RoomLimits.NOTE_LENGTH_MAX).orElse("");
    write(
        call,
        view -> {
          var text = note(view, id).text();
          requirePosition(text, at, "at");
          if (delete > text.length() - at) {
            throw ProblemDetail.field(422, "delete", "delete goes beyond the end of the note")
                .thrown();
          }
          requirePosition(text, at + delete, "delete");
          requireLength("insert", text.length() - delete + insert.length());
          return BoardEdits.splice(BoardEdits.noteText(id), text, at, delete, insert);
        });
    return Reply.json(200, Map.of("note", id));
  }

  private static void requirePosition(String text, int at, String field) {
    if (at > text.length()) {
      throw ProblemDetail.field(422, field, field + " is beyond the end of the note").thrown();
    }
    if (at > 0
        && at < text.length()
        && Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at))) {
      throw ProblemDetail.field(422, field, field + " would halve a character").thrown();
    }
  }

  private static void requireLength(String field, int length) {
    if (length > RoomLimits.NOTE_LENGTH_MAX) {
      throw ProblemDetail.field(
              422, field, "a note has at most " + RoomLimits.NOTE_LENGTH_MAX + " characters")
          .thrown();
    }
  }

  private Reply setNote(CommandCall call) {
    var fields = call.fields();
    var id = fields.line("note", RoomLimits.SHORT_LENGTH_MAX);
    var text = fields.presentText("text", RoomLimits.NOTE_LENGTH_MAX);
    change(call, BoardEdits.noteText(id), view -> note(view, id).text(), text);
    return Reply.json(200, Map.of("note", id));
  }

  private static Note note(RoomView view, String id) {
    return view.note(id)
        .orElseThrow(
            () ->
                ProblemDetail.field(422, "note", "note is not the id of a note in this room")
                    .thrown());
  }

  // Cards.

  /** The edits of a card. */
  @FunctionalInterface
  private interface CardEdits {
    List<Edit> of(RoomView view, Card card);
  }

  private Reply card(CommandCall call, CardEdits edits) {
    var id = call.fields().line("card", RoomLimits.SHORT_LENGTH_MAX);
    write(call, view -> edits.of(view, card(view, id, "card")));
    return Reply.json(200, Map.of("card", id));
  }

  private static Card card(RoomView view, String id, String field) {
    return view.card(id)
        .orElseThrow(
            () ->
                ProblemDetail.field(422, field, field + " is not the id of a card in this room")
                    .thrown());
  }

  private static CardEdits mute(CommandCall call) {
    var muted =
        call.fields()
            .flagIfPresent("muted")
            .orElseThrow(() -> ProblemDetail.field(400, "muted", "muted is missing").thrown());
    return (_, card) -> RoomEdits.mute(card.id(), muted);
  }

  private CardEdits move(CommandCall call) {
    var before = call.fields().optionalLine("before", RoomLimits.SHORT_LENGTH_MAX);
    return (view, card) -> {
      var others = view.cards().stream().filter(each -> !each.id().equals(card.id())).toList();
      return RoomEdits.reorder(card.id(), orderBefore(view, others, before));
    };
  }

  private String orderBefore(RoomView view, List<Card> others, Optional<String> before) {
    if (before.isEmpty()) {
      return FractionalIndex.afterAll(others.stream().map(Card::order).toList(), random);
    }
    var next = card(view, before.get(), "before");
    var index = others.indexOf(next);
    if (index < 0) {
      throw ProblemDetail.field(422, "before", "before is the moved card itself").thrown();
    }
    return FractionalIndex.between(
        index == 0 ? null : others.get(index - 1).order(), next.order(), random);
  }

  private Reply setCard(CommandCall call) {
    var id = call.fields().line("card", RoomLimits.SHORT_LENGTH_MAX);
    var text = call.fields().text("text", RoomLimits.CARD_LENGTH_MAX).strip();
    change(
        call,
        BoardEdits.cardText(id),
        view -> {
          var card = card(view, id, "card");
          CardRules.problem(card.type(), text)
              .ifPresent(
                  problem -> {
                    throw ProblemDetail.field(422, "text", "text " + problem).thrown();
                  });
          return card.text();
        },
        text);
    return Reply.json(200, Map.of("card", id));
  }

  // The title and settings.

  private Reply setTitle(CommandCall call) {
    var title = call.fields().line("title", RoomLimits.TITLE_LENGTH_MAX);
    change(call, BoardEdits.title(), RoomView::title, title);
    return Reply.json(200, Map.of("title", title));
  }

  private Reply setSettings(CommandCall call) {
    if (call.visitor().role() != dev.parlor.relay.admission.Role.HOST) {
      throw ProblemDetail.forbidden("not-host", "only a host may change settings").thrown();
    }
    var fields = call.fields();
    var edits =
        new ArrayList<>(
            BoardEdits.settings(
                choice(fields, "turnMode", Settings.TurnMode.values()),
                integer(fields, "maxPlayers", RoomLimits.PLAYERS_MAX),
                choice(fields, "status", Settings.Status.values()),
                choice(fields, "stackRule", Settings.StackRule.values()),
                fields.optionalText("model", RoomLimits.SHORT_LENGTH_MAX).orElse(null),
                fields.flagIfPresent("spectatorChat").orElse(null),
                integer(fields, "slots", RoomLimits.SLOTS_MAX)));
    var prompt = fields.optionalText("systemPrompt", RoomLimits.SYSTEM_PROMPT_LENGTH_MAX);
    var identity = call.identity();
    gateway.editText(
        call.room(),
        call.author(),
        isText ->
            view -> {
              var _ = RoomGateway.requireParticipant(view, identity);
              var all = new ArrayList<Edit>(edits);
              prompt.ifPresent(
                  text ->
                      all.addAll(
                          textEdits(
                              isText,
                              BoardEdits.systemPrompt(),
                              view.settings().systemPrompt(),
                              text)));
              return new EditPlan<>(all, true);
            });
    return Reply.json(200, Map.of("changed", edits.size() + (prompt.isPresent() ? 1 : 0)));
  }

  private static @Nullable Integer integer(RequestFields fields, String name, int most) {
    return fields.optionalInteger(name, 1, most).map(Long::intValue).orElse(null);
  }

  private static <T extends Named> @Nullable T choice(
      RequestFields fields, String name, T[] values) {
    return fields
        .optionalLine(name, 40)
        .map(
            wire ->
                Named.find(values, wire)
                    .orElseThrow(
                        () ->
                            ProblemDetail.field(
                                    400,
                                    name,
                                    name
                                        + " is one of "
                                        + String.join(
                                            ", ",
                                            java.util.Arrays.stream(values)
                                                .map(Named::wire)
                                                .toList()))
                                .thrown()))
        .orElse(null);
  }

  // Writing.

  /** Makes the edits for a caller who may write. */
  private void write(CommandCall call, Function<RoomView, List<Edit>> edits) {
    var identity = call.identity();
    var _ =
        gateway.edit(
            call.room(),
            call.author(),
            view -> {
              RoomGateway.requireWriter(call.visitor(), identity, view);
              return new EditPlan<>(edits.apply(view), true);
            });
  }

  /** Changes a text for a caller who may write. */
  private void change(CommandCall call, Path path, Function<RoomView, String> old, String now) {
    var identity = call.identity();
    gateway.editText(
        call.room(),
        call.author(),
        isText ->
            view -> {
              RoomGateway.requireWriter(call.visitor(), identity, view);
              return new EditPlan<>(textEdits(isText, path, old.apply(view), now), true);
            });
  }

  private static List<Edit> textEdits(boolean isText, Path path, String old, String now) {
    return isText ? BoardEdits.change(path, old, now) : BoardEdits.replace(path, now);
  }
}

package dev.parlor.crdt.room;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The first change of a room, and the spelling of each part in the document.
 *
 * <h2>The creator of a room</h2>
 *
 * <p>Only the server writes {@link #genesis}, once, before it gives the document's id to a client.
 * Genesis makes the containers (participants, cards, windows, notes, chat, generation, results),
 * and no later edit makes one. If two peers each made {@code cards}, the document would have two
 * maps under one key, and one of them would be hidden. No edit of {@link RoomEdits} makes a
 * container.
 *
 * <h2>Text and scalars</h2>
 *
 * <p>The room's title, the system prompt, cards and notes are collaborative text; every other
 * string is a scalar. Readers accept both everywhere.
 */
public final class RoomSchema {

  /** The version in the document's {@code schema} field. */
  public static final int VERSION = 1;

  /** The author of a new room's first content. */
  public static final String PARLOR = "parlor";

  private RoomSchema() {}

  /** The edits that make an empty document a room, as one transaction. */
  public static List<Edit> genesis(GenesisOptions options, IdSource ids, long nowMillis) {
    var cards = new TreeMap<String, Value>();
    var windows = new TreeMap<String, Value>();
    var notes = new TreeMap<String, Value>();
    if (options.welcome()) {
      var first = FractionalIndex.plainAfter(null);
      var examples =
          List.of(
              example(
                  ids,
                  CardType.ROLE,
                  "Act as a patient editor who has shipped software",
                  first,
                  nowMillis),
              example(
                  ids,
                  CardType.TONE,
                  "Plain and warm, no slogans",
                  FractionalIndex.plainAfter(first),
                  nowMillis));
      examples.forEach(card -> cards.put(card.id(), card(card)));
    }
    var note = ids.next();
    notes.put(note, note(""));
    String z = null;
    for (var plan : DESKTOP) {
      z = FractionalIndex.plainAfter(z);
      var ref = plan.type() == RoomWindow.Type.NOTE ? note : null;
      windows.put(ids.next(), window(plan.at(z, ref, nowMillis)));
    }
    var edits = new ArrayList<Edit>();
    put(edits, "schema", Value.of(VERSION));
    put(edits, "title", Value.text(options.title()));
    put(edits, "settings", settings(options.settings()));
    put(edits, "participants", Value.map());
    put(edits, "cards", new Value.MapOf(cards));
    put(edits, "windows", new Value.MapOf(windows));
    put(edits, "notes", new Value.MapOf(notes));
    put(edits, "chat", Value.list(List.of()));
    put(edits, "generation", Value.map("epoch", Value.of(0)));
    put(edits, "results", Value.map());
    return List.copyOf(edits);
  }

  /** The windows of a new room; the last one is in front. */
  private record WindowPlan(
      RoomWindow.Type type,
      String title,
      int x,
      int y,
      int width,
      int height,
      RoomWindow.State state) {

    RoomWindow at(String z, @Nullable String ref, long nowMillis) {
      return new RoomWindow(
          "", type, title, x, y, width, height, z, state, ref, NO_PROPS, PARLOR, nowMillis);
    }
  }

  private static final Value.MapOf NO_PROPS = new Value.MapOf(new TreeMap<>());

  private static final List<WindowPlan> DESKTOP =
      List.of(
          plan(RoomWindow.Type.PEOPLE, "People", 24, 512, 296, 130, RoomWindow.State.MINIMIZED),
          plan(RoomWindow.Type.NOTE, "Keep", 1008, 444, 320, 186, RoomWindow.State.OPEN),
          plan(RoomWindow.Type.CHAT, "Chat", 1008, 24, 320, 404, RoomWindow.State.OPEN),
          plan(RoomWindow.Type.OUTPUT, "Output", 344, 24, 640, 540, RoomWindow.State.OPEN),
          plan(RoomWindow.Type.STACK, "Stack", 24, 24, 296, 470, RoomWindow.State.OPEN));

  private static WindowPlan plan(
      RoomWindow.Type type,
      String title,
      int x,
      int y,
      int width,
      int height,
      RoomWindow.State state) {
    return new WindowPlan(type, title, x, y, width, height, state);
  }

  private static Card example(IdSource ids, CardType type, String text, String order, long now) {
    return new Card(ids.next(), type, text, null, PARLOR, now, order, null, false, null);
  }

  private static void put(List<Edit> edits, String key, Value value) {
    edits.add(new Edit.Put(Path.of(key), value));
  }

  static Value scalar(@Nullable String text) {
    return text == null ? Value.NULL : Value.of(text);
  }

  private static Value scalar(@Nullable Long number) {
    return number == null ? Value.NULL : Value.of(number);
  }

  static Value scalars(List<String> texts) {
    return Value.list(texts.stream().map(Value.Str::new).toList());
  }

  static Value named(Named choice) {
    return Value.of(choice.wire());
  }

  static Value settings(Settings settings) {
    var entries = new TreeMap<String, Value>();
    entries.put("turnMode", named(settings.turnMode()));
    entries.put("maxPlayers", Value.of(settings.maxPlayers()));
    entries.put("status", named(settings.status()));
    entries.put("stackRule", named(settings.stackRule()));
    entries.put("model", scalar(settings.model()));
    entries.put("systemPrompt", Value.text(settings.systemPrompt()));
    if (settings.spectatorChat()) {
      entries.put("spectatorChat", Value.of(true)); // Absent means no.
    }
    settings
        .partsOff()
        .forEach(part -> entries.put(part.wire(), Value.of(false))); // Absent means on.
    return new Value.MapOf(entries);
  }

  static Value participant(Participant person) {
    return Value.map(
        "name", Value.of(person.name()),
        "avatar", scalar(person.avatar()),
        "color", scalar(person.color()),
        "role", named(person.role()),
        "joinedAt", Value.of(person.joinedAt()));
  }

  static Value card(Card card) {
    var turn = card.turn();
    return Value.map(
        "type", named(card.type()),
        "text", Value.text(card.text()),
        "image", scalar(card.image()),
        "by", Value.of(card.by()),
        "at", Value.of(card.at()),
        "order", Value.of(card.order()),
        "turn", turn == null ? Value.NULL : Value.of((long) turn),
        "muted", Value.of(card.muted()),
        "removedBy", scalar(card.removedBy()));
  }

  static Value window(RoomWindow window) {
    return Value.map(
        "type", named(window.type()),
        "title", Value.of(window.title()),
        "pos", Value.of(RoomWindow.pos(window.x(), window.y())),
        "size", Value.of(RoomWindow.size(window.width(), window.height())),
        "z", Value.of(window.z()),
        "state", named(window.state()),
        "ref", scalar(window.ref()),
        "props", window.props(),
        "by", Value.of(window.by()),
        "at", Value.of(window.at()));
  }

  static Value note(String text) {
    return Value.map("text", Value.text(text));
  }

  static Value chat(ChatEntry entry) {
    return Value.map(
        "id", Value.of(entry.id()),
        "by", Value.of(entry.by()),
        "at", Value.of(entry.at()),
        "kind", named(entry.kind()),
        "text", Value.of(entry.text()),
        "replyTo", scalar(entry.replyTo()));
  }

  static Value lock(Lock lock) {
    return Value.map(
        "request", Value.of(lock.request()),
        "by", Value.of(lock.by()),
        "at", Value.of(lock.at()),
        "query", Value.of(lock.query()),
        "cards", scalars(lock.cards()),
        "seen", Value.of(lock.seen()),
        "after", Value.of(lock.after()));
  }

  static Value grant(Grant grant) {
    return Value.map(
        "request", Value.of(grant.request()),
        "epoch", Value.of(grant.epoch()),
        "at", Value.of(grant.at()),
        "leaseUntil", Value.of(grant.leaseUntil()));
  }

  static Value stop(Stop stop) {
    return Value.map(
        "request", Value.of(stop.request()),
        "by", Value.of(stop.by()),
        "at", Value.of(stop.at()));
  }

  static Value usage(Result.@Nullable Usage usage) {
    return usage == null
        ? Value.NULL
        : Value.map(
            "promptTokens", Value.of(usage.promptTokens()),
            "completionTokens", Value.of(usage.completionTokens()),
            "estimated", Value.of(usage.estimated()));
  }

  static Value result(Result result) {
    var entries = new TreeMap<String, Value>();
    entries.put("by", Value.of(result.by()));
    entries.put("query", Value.of(result.query()));
    entries.put("prompt", Value.of(result.prompt()));
    entries.put("model", Value.of(result.model()));
    entries.put("cards", scalars(result.cards()));
    entries.put("chunks", scalars(result.chunks()));
    entries.put("status", named(result.status()));
    entries.put("reason", scalar(result.reason()));
    entries.put("usage", usage(result.usage()));
    entries.put("epoch", Value.of(result.epoch()));
    entries.put("startedAt", Value.of(result.startedAt()));
    entries.put("endedAt", scalar(result.endedAt()));
    entries.put("ttftMs", scalar(result.ttftMs()));
    entries.put("totalMs", scalar(result.totalMs()));
    // Absent if empty, as in results from before these fields.
    putIfThere(entries, "after", result.after());
    var ending = result.ending();
    putIfThere(entries, "ending", ending == null ? null : ending.wire());
    var tokensMax = result.tokensMax();
    if (tokensMax != null) {
      entries.put("tokensMax", Value.of((long) tokensMax));
    }
    if (result.omitted() > 0) {
      entries.put("omitted", Value.of(result.omitted()));
    }
    return new Value.MapOf(entries);
  }

  private static void putIfThere(Map<String, Value> entries, String key, @Nullable String it) {
    if (it != null) {
      entries.put(key, Value.of(it));
    }
  }
}

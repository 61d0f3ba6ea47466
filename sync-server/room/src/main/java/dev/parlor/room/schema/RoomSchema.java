package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The first change of a room, and the value of each part in the document.
 *
 * <h2>Containers</h2>
 *
 * <p>Only the server writes {@link #genesis}, once, before it gives the document's id to a client.
 * Genesis makes the containers: participants, cards, windows, notes, chat, generation, results and
 * those of {@link #ADDED_CONTAINERS}. No edit of {@link RoomEdits} makes a container. If two peers
 * each made {@code cards}, the document would have two maps under one key, and one of them would be
 * hidden.
 *
 * <h2>Text and scalars</h2>
 *
 * <p>The room's title, the system prompt, cards and notes are collaborative text; every other
 * string is a scalar. Readers accept both everywhere.
 */
public final class RoomSchema {

  /** The version in the document's {@code schema} field. */
  public static final int VERSION = 1;

  /** The author of the example content in a new room. */
  public static final String PARLOR = "parlor";

  private RoomSchema() {}

  /** The edits that make an empty document a room, as one transaction. */
  public static List<Edit> genesis(GenesisOptions options, IdSource ids, long nowMillis) {
    var cards = new TreeMap<String, Value>();
    var windows = new TreeMap<String, Value>();
    var notes = new TreeMap<String, Value>();
    String order = null;
    for (var plan : options.cards()) {
      order = FractionalIndex.plainAfter(order);
      var card =
          new Card(
              ids.next(),
              plan.type(),
              plan.text(),
              null,
              PARLOR,
              nowMillis,
              order,
              null,
              false,
              null);
      cards.put(card.id(), card(card));
    }
    String z = null;
    for (var plan : options.windows()) {
      z = FractionalIndex.plainAfter(z);
      var ref = plan.type() == RoomWindow.Type.NOTE ? ids.next() : null;
      if (ref != null) {
        notes.put(ref, note(plan.text()));
      }
      windows.put(ids.next(), window(plan.at(z, ref, nowMillis)));
    }
    var chat = new ArrayList<Value>();
    if (!options.welcome().isEmpty()) {
      chat.add(
          chat(
              new ChatEntry(
                  ids.next(), PARLOR, nowMillis, ChatEntry.Kind.SYSTEM, options.welcome(), null)));
    }
    var edits = new ArrayList<Edit>();
    put(edits, RoomFields.SCHEMA, Value.of(VERSION));
    put(edits, RoomFields.TITLE, Value.text(options.title()));
    put(edits, RoomFields.SETTINGS, settings(options.settings()));
    put(edits, RoomFields.PARTICIPANTS, Value.map());
    put(edits, RoomFields.CARDS, new Value.MapOf(cards));
    put(edits, RoomFields.WINDOWS, new Value.MapOf(windows));
    put(edits, RoomFields.NOTES, new Value.MapOf(notes));
    put(edits, RoomFields.CHAT, Value.list(chat));
    put(edits, RoomFields.GENERATION, Value.map(RoomFields.EPOCH, Value.of(0)));
    put(edits, RoomFields.RESULTS, Value.map());
    ADDED_CONTAINERS.forEach(name -> put(edits, name, Value.map()));
    return List.copyOf(edits);
  }

  /** Containers that rooms of earlier versions lack. */
  static final List<String> ADDED_CONTAINERS =
      List.of(RoomFields.COMMENTS, RoomFields.REACTIONS, RoomFields.EDITS);

  /**
   * The edits that add missing containers to a room of an earlier version; usually none. A damaged
   * value is not replaced.
   */
  public static List<Edit> addedContainers(Value root) {
    if (!(root instanceof Value.MapOf(var entries)) || !entries.containsKey(RoomFields.SCHEMA)) {
      return List.of();
    }
    var edits = new ArrayList<Edit>();
    for (var name : ADDED_CONTAINERS) {
      if (!entries.containsKey(name)) {
        put(edits, name, Value.map());
      }
    }
    return List.copyOf(edits);
  }

  static Value comment(Comment comment) {
    var entries = new TreeMap<String, Value>();
    entries.put(RoomFields.TARGET, Value.of(comment.target()));
    entries.put(RoomFields.THREAD, scalar(comment.thread()));
    entries.put(RoomFields.QUOTED, Value.of(comment.quote()));
    entries.put(RoomFields.START, Value.of(comment.start()));
    entries.put(RoomFields.END, Value.of(comment.end()));
    entries.put(RoomFields.TEXT, Value.of(comment.text()));
    entries.put(RoomFields.AT, Value.of(comment.at()));
    var resolved = comment.resolved();
    if (resolved != null) {
      entries.put(RoomFields.RESOLVED, resolved(resolved));
    }
    return new Value.MapOf(entries);
  }

  static Value resolved(Comment.Resolved resolved) {
    return Value.map(
        RoomFields.BY, Value.of(resolved.by()),
        RoomFields.AT, Value.of(resolved.at()));
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
    entries.put(RoomFields.TURN_MODE, named(settings.turnMode()));
    entries.put(RoomFields.MAX_PLAYERS, Value.of(settings.maxPlayers()));
    entries.put(RoomFields.STATUS, named(settings.status()));
    entries.put(RoomFields.STACK_RULE, named(settings.stackRule()));
    entries.put(RoomFields.MODEL, scalar(settings.model()));
    entries.put(RoomFields.SYSTEM_PROMPT, Value.text(settings.systemPrompt()));
    if (settings.spectatorChat()) {
      entries.put(RoomFields.SPECTATOR_CHAT, Value.of(true)); // Absent means false.
    }
    if (settings.slots() > 1) {
      entries.put(RoomFields.SLOTS, Value.of(settings.slots())); // Absent means 1.
    }
    settings
        .extrasOff()
        .forEach(extra -> entries.put(extra.wire(), Value.of(false))); // Absent means on.
    return new Value.MapOf(entries);
  }

  static Value participant(Participant person) {
    return Value.map(
        RoomFields.NAME, Value.of(person.name()),
        RoomFields.AVATAR, scalar(person.avatar()),
        RoomFields.COLOR, scalar(person.color()),
        RoomFields.ROLE, named(person.role()),
        RoomFields.JOINED_AT, Value.of(person.joinedAt()));
  }

  static Value card(Card card) {
    var turn = card.turn();
    return Value.map(
        RoomFields.TYPE, named(card.type()),
        RoomFields.TEXT, Value.text(card.text()),
        RoomFields.IMAGE, scalar(card.image()),
        RoomFields.BY, Value.of(card.by()),
        RoomFields.AT, Value.of(card.at()),
        RoomFields.ORDER, Value.of(card.order()),
        RoomFields.TURN, turn == null ? Value.NULL : Value.of((long) turn),
        RoomFields.MUTED, Value.of(card.muted()),
        RoomFields.REMOVED_BY, scalar(card.removedBy()));
  }

  static Value window(RoomWindow window) {
    return Value.map(
        RoomFields.TYPE, named(window.type()),
        RoomFields.TITLE, Value.of(window.title()),
        RoomFields.POS, Value.of(RoomWindow.pos(window.x(), window.y())),
        RoomFields.SIZE, Value.of(RoomWindow.size(window.width(), window.height())),
        RoomFields.Z, Value.of(window.z()),
        RoomFields.STATE, named(window.state()),
        RoomFields.REF, scalar(window.ref()),
        RoomFields.PROPS, window.props(),
        RoomFields.BY, Value.of(window.by()),
        RoomFields.AT, Value.of(window.at()));
  }

  static Value note(String text) {
    return Value.map(RoomFields.TEXT, Value.text(text));
  }

  static Value chat(ChatEntry entry) {
    var entries = new TreeMap<String, Value>();
    entries.put(RoomFields.ID, Value.of(entry.id()));
    entries.put(RoomFields.BY, Value.of(entry.by()));
    entries.put(RoomFields.AT, Value.of(entry.at()));
    entries.put(RoomFields.KIND, named(entry.kind()));
    entries.put(RoomFields.TEXT, Value.of(entry.text()));
    entries.put(RoomFields.REPLY_TO, scalar(entry.replyTo()));
    putIfPresent(entries, RoomFields.REQUEST, entry.request());
    putIfPresent(entries, RoomFields.IMAGE, entry.image());
    putIfPresent(entries, RoomFields.ALT, entry.alt());
    return new Value.MapOf(entries);
  }

  static Value lock(Lock lock) {
    var entries = new TreeMap<String, Value>();
    entries.put(RoomFields.REQUEST, Value.of(lock.request()));
    entries.put(RoomFields.BY, Value.of(lock.by()));
    entries.put(RoomFields.AT, Value.of(lock.at()));
    entries.put(RoomFields.QUERY, Value.of(lock.query()));
    entries.put(RoomFields.CARDS, scalars(lock.cards()));
    entries.put(RoomFields.SEEN, Value.of(lock.seen()));
    entries.put(RoomFields.AFTER, Value.of(lock.after()));
    putAttachments(entries, lock.attach());
    putIfPresent(entries, RoomFields.CHAT, lock.chat());
    return new Value.MapOf(entries);
  }

  /** The value of a waiting request. */
  public static Value queued(Queued queued) {
    var entries = new TreeMap<String, Value>();
    entries.put(RoomFields.REQUEST, Value.of(queued.request()));
    entries.put(RoomFields.BY, Value.of(queued.by()));
    entries.put(RoomFields.AT, Value.of(queued.at()));
    entries.put(RoomFields.QUERY, Value.of(queued.query()));
    entries.put(RoomFields.CARDS, scalars(queued.cards()));
    entries.put(RoomFields.AFTER, Value.of(queued.after()));
    entries.put(RoomFields.STATE, named(queued.state()));
    putAttachments(entries, queued.attach());
    putIfPresent(entries, RoomFields.CHAT, queued.chat());
    return new Value.MapOf(entries);
  }

  /** The value of a pause. */
  public static Value paused(Paused paused) {
    return Value.map(
        RoomFields.BY, Value.of(paused.by()),
        RoomFields.AT, Value.of(paused.at()),
        RoomFields.UNTIL, Value.of(paused.until()));
  }

  static Value command(QueueCommand command) {
    var entries = new TreeMap<String, Value>();
    entries.put(RoomFields.ID, Value.of(command.id()));
    entries.put(RoomFields.DO, named(command.action()));
    entries.put(RoomFields.REQUEST, Value.of(command.request()));
    entries.put(RoomFields.BEFORE, Value.of(command.before()));
    entries.put(RoomFields.BY, Value.of(command.by()));
    entries.put(RoomFields.AT, Value.of(command.at()));
    return new Value.MapOf(entries);
  }

  private static void putAttachments(Map<String, Value> entries, List<Attachment> attach) {
    if (!attach.isEmpty()) {
      entries.put(
          RoomFields.ATTACH, Value.list(attach.stream().map(RoomSchema::attachment).toList()));
    }
  }

  private static Value attachment(Attachment attachment) {
    var entries = new TreeMap<String, Value>();
    entries.put(RoomFields.KIND, named(attachment.kind()));
    switch (attachment.kind()) {
      case NOTE -> {
        entries.put(RoomFields.ID, Value.of(attachment.id()));
        if (!attachment.title().isEmpty()) {
          entries.put(RoomFields.TITLE, Value.of(attachment.title()));
        }
        if (!attachment.text().isEmpty()) {
          entries.put(RoomFields.TEXT, Value.of(attachment.text()));
        }
      }
      case IMAGE -> {
        entries.put(RoomFields.ID, Value.of(attachment.id()));
        if (!attachment.text().isEmpty()) {
          entries.put(RoomFields.TEXT, Value.of(attachment.text()));
        }
      }
      case TEXT -> {
        entries.put(RoomFields.TEXT, Value.of(attachment.text()));
        entries.put(RoomFields.FROM, scalar(attachment.from()));
      }
    }
    return new Value.MapOf(entries);
  }

  /** The value of a grant. */
  public static Value grant(Grant grant) {
    return Value.map(
        RoomFields.REQUEST, Value.of(grant.request()),
        RoomFields.EPOCH, Value.of(grant.epoch()),
        RoomFields.AT, Value.of(grant.at()),
        RoomFields.LEASE_UNTIL, Value.of(grant.leaseUntil()));
  }

  static Value stop(Stop stop) {
    return Value.map(
        RoomFields.REQUEST, Value.of(stop.request()),
        RoomFields.BY, Value.of(stop.by()),
        RoomFields.AT, Value.of(stop.at()));
  }

  /** The usage of a result as the document has it; null without a usage. */
  public static Value usage(Result.@Nullable Usage usage) {
    if (usage == null) {
      return Value.NULL;
    }
    var entries = new TreeMap<String, Value>();
    entries.put(RoomFields.PROMPT_TOKENS, Value.of(usage.promptTokens()));
    entries.put(RoomFields.COMPLETION_TOKENS, Value.of(usage.completionTokens()));
    entries.put(RoomFields.ESTIMATED, Value.of(usage.estimated()));
    var call = usage.call();
    if (call != null) {
      entries.put(RoomFields.CALL, call(call));
    }
    return new Value.MapOf(entries);
  }

  private static Value call(CallInfo call) {
    var entries = new TreeMap<String, Value>();
    entries.put(RoomFields.ENDPOINT, Value.of(call.endpoint()));
    putIfPresent(entries, RoomFields.MODEL, call.model());
    var cost = call.costMicros();
    if (cost != null) {
      entries.put(RoomFields.COST, Value.of((long) cost));
    }
    putIfPresent(entries, RoomFields.THOUGHTS, call.thoughts());
    if (!call.notes().isEmpty()) {
      entries.put(RoomFields.NOTES, scalars(call.notes()));
    }
    return new Value.MapOf(entries);
  }

  static Value result(Result result) {
    var entries = new TreeMap<String, Value>();
    entries.put(RoomFields.BY, Value.of(result.by()));
    entries.put(RoomFields.QUERY, Value.of(result.query()));
    entries.put(RoomFields.PROMPT, Value.of(result.prompt()));
    entries.put(RoomFields.MODEL, Value.of(result.model()));
    entries.put(RoomFields.CARDS, scalars(result.cards()));
    entries.put(RoomFields.CHUNKS, scalars(result.chunks()));
    entries.put(RoomFields.STATUS, named(result.status()));
    entries.put(RoomFields.REASON, scalar(result.reason()));
    entries.put(RoomFields.USAGE, usage(result.usage()));
    entries.put(RoomFields.EPOCH, Value.of(result.epoch()));
    entries.put(RoomFields.STARTED_AT, Value.of(result.startedAt()));
    entries.put(RoomFields.ENDED_AT, scalar(result.endedAt()));
    entries.put(RoomFields.TTFT_MS, scalar(result.ttftMs()));
    entries.put(RoomFields.TOTAL_MS, scalar(result.totalMs()));
    // Absent without a value, as in results from before these fields.
    putIfPresent(entries, RoomFields.AFTER, result.after());
    var ending = result.ending();
    putIfPresent(entries, RoomFields.ENDING, ending == null ? null : ending.wire());
    var tokensMax = result.tokensMax();
    if (tokensMax != null) {
      entries.put(RoomFields.TOKENS_MAX, Value.of((long) tokensMax));
    }
    if (result.omitted() > 0) {
      entries.put(RoomFields.OMITTED, Value.of(result.omitted()));
    }
    putAttachments(entries, result.attach());
    putIfPresent(entries, RoomFields.CHAT, result.chat());
    return new Value.MapOf(entries);
  }

  private static void putIfPresent(Map<String, Value> entries, String key, @Nullable String text) {
    if (text != null) {
      entries.put(key, Value.of(text));
    }
  }
}

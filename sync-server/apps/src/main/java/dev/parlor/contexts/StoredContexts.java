package dev.parlor.contexts;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.record.JsonRecord;
import dev.parlor.apps.record.Keys;
import dev.parlor.apps.record.Transaction;
import dev.parlor.apps.record.Transactions;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.RecordStore.Range;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Contexts in the record store. The table {@code contexts} has the owner and the next number of
 * each; {@code sections} has the sections under id and number. {@code contexts-by-user} and {@code
 * context-accounts} list and count the contexts of a user.
 *
 * <p>A new context is written in two batches, since its records have two owners: the user's list
 * first, the context second. A crash between them leaves an entry in the list without its context;
 * the next {@link #ensure} with this id completes it.
 */
public final class StoredContexts implements ContextService {
  private static final Pattern CHOSEN_ID =
      Pattern.compile(
          "[A-Za-z0-9_-]{"
              + AppLimits.CONTEXT_ID_LENGTH_MIN
              + ","
              + AppLimits.CONTEXT_ID_LENGTH_MAX
              + "}");

  private final Transactions transactions;
  private final ContextChat chat;
  private final int contextsMax;
  private final Supplier<String> newId;
  private final InstantSource clock;

  private final JsonRecord<Context> contextJson = new JsonRecord<>(Context.class);
  private final JsonRecord<Stored> sectionJson = new JsonRecord<>(Stored.class);
  private final JsonRecord<Account> accountJson = new JsonRecord<>(Account.class);

  /**
   * @param chat shows sections in the chats of rooms
   * @param contextsMax contexts of a user; above: {@code too-large}
   * @param newId draws an id of 12 characters in base58
   */
  public StoredContexts(
      Transactions transactions,
      ContextChat chat,
      int contextsMax,
      Supplier<String> newId,
      InstantSource clock) {
    this.transactions = transactions;
    this.chat = chat;
    this.contextsMax = contextsMax;
    this.newId = newId;
    this.clock = clock;
  }

  /** A record of the table {@code contexts}. */
  private record Context(
      String userId, String created, long nextSeq, long bytes, @Nullable String room) {}

  /** A record of the table {@code sections}. */
  private record Stored(String origin, JsonNode blocks, String created) {}

  /** A record of the table {@code context-accounts}. */
  private record Account(int contexts) {}

  /** What an append leaves for the chat of a room. */
  private record Appended(long seq, Optional<String> room) {}

  @Override
  public CompletableFuture<String> ensure(String userId, Optional<String> contextId) {
    if (contextId.isPresent() && !CHOSEN_ID.matcher(contextId.get()).matches()) {
      return CompletableFuture.failedFuture(
          AppsException.field(
              "contextId",
              "contextId must have "
                  + AppLimits.CONTEXT_ID_LENGTH_MIN
                  + " to "
                  + AppLimits.CONTEXT_ID_LENGTH_MAX
                  + " characters of letters, digits, _ and -"));
    }
    var id = contextId.orElseGet(newId);
    return transactions
        .run(userId, transaction -> isOwn(transaction, userId, id))
        .thenCompose(
            exists ->
                exists
                    ? CompletableFuture.completedFuture(id)
                    : transactions
                        .run(userId, transaction -> list(transaction, userId, id))
                        .thenCompose(
                            _ ->
                                transactions.run(
                                    id, transaction -> create(transaction, userId, id))));
  }

  /** Whether the context exists; refuses the context of another user. */
  private boolean isOwn(Transaction transaction, String userId, String id) {
    var context = transaction.read(contextKey(id)).map(contextJson::read);
    context.ifPresent(found -> requireOwner(found, userId));
    return context.isPresent();
  }

  private String list(Transaction transaction, String userId, String id) {
    var listed = new RecordKey("contexts-by-user", Keys.of(userId, id));
    if (transaction.read(listed).isEmpty()) {
      var accountKey = new RecordKey("context-accounts", userId);
      var count =
          transaction.read(accountKey).map(accountJson::read).map(Account::contexts).orElse(0);
      if (count >= contextsMax) {
        throw AppsException.of(
            ErrorCode.TOO_LARGE, "a user has at most " + contextsMax + " contexts");
      }
      transaction.put(listed, Bytes.utf8("{}"));
      transaction.put(accountKey, accountJson.write(new Account(count + 1)));
    }
    return id;
  }

  private String create(Transaction transaction, String userId, String id) {
    if (!isOwn(transaction, userId, id)) {
      transaction.put(contextKey(id), contextJson.write(new Context(userId, now(), 0, 0, null)));
    }
    return id;
  }

  @Override
  public CompletableFuture<Long> append(
      String userId, String contextId, String origin, List<JsonNode> blocks) {
    try {
      if (!origin.equals("user") && !origin.equals("llm")) {
        throw AppsException.field("origin", "origin must be user or llm");
      }
      Blocks.check(blocks);
    } catch (AppsException e) {
      return CompletableFuture.failedFuture(e);
    }
    var now = now();
    var stored = sectionJson.write(new Stored(origin, JsonNodes.array(blocks), now));
    if (stored.length() > AppLimits.SECTION_BYTES_MAX) {
      return CompletableFuture.failedFuture(
          AppsException.of(
                  ErrorCode.TOO_LARGE,
                  "a section has at most "
                      + AppLimits.SECTION_BYTES_MAX
                      + " bytes; this one has "
                      + stored.length())
              .at("blocks"));
    }
    return transactions
        .run(contextId, transaction -> append(transaction, userId, contextId, stored))
        .thenApply(
            appended -> {
              appended.room().ifPresent(room -> chat.show(room, userId, origin, blocks));
              return appended.seq();
            });
  }

  private Appended append(Transaction transaction, String userId, String contextId, Bytes stored) {
    var context = own(transaction, userId, contextId);
    if (context.nextSeq() >= AppLimits.CONTEXT_SECTIONS_MAX) {
      throw AppsException.of(
          ErrorCode.TOO_LARGE,
          "a context has at most " + AppLimits.CONTEXT_SECTIONS_MAX + " sections");
    }
    if (context.bytes() + stored.length() > AppLimits.CONTEXT_BYTES_MAX) {
      throw AppsException.of(
          ErrorCode.TOO_LARGE, "a context has at most " + AppLimits.CONTEXT_BYTES_MAX + " bytes");
    }
    var seq = context.nextSeq();
    transaction.put(sectionKey(contextId, seq), stored);
    transaction.put(
        contextKey(contextId),
        contextJson.write(
            new Context(
                context.userId(),
                context.created(),
                seq + 1,
                context.bytes() + stored.length(),
                context.room())));
    return new Appended(seq, Optional.ofNullable(context.room()));
  }

  @Override
  public CompletableFuture<List<Section>> sections(
      String userId, String contextId, long from, int limit) {
    return transactions.run(
        contextId,
        transaction -> {
          own(transaction, userId, contextId);
          var range =
              new Range(
                  "sections",
                  Keys.of(contextId, Keys.number(from)),
                  Keys.prefix(contextId) + Character.MAX_VALUE,
                  Math.clamp(limit, 1, AppLimits.SECTIONS_READ_MAX),
                  false);
          return transaction.range(range).stream()
              .map(
                  entry -> {
                    var stored = sectionJson.read(entry.value());
                    var seq = Long.parseLong(entry.key().substring(contextId.length() + 1));
                    return new Section(
                        seq,
                        stored.origin(),
                        JsonNodes.list(stored.blocks()),
                        Instant.parse(stored.created()));
                  })
              .toList();
        });
  }

  @Override
  public CompletableFuture<Void> attach(String userId, String contextId, String room) {
    return chat.requirePlayer(room, userId)
        .thenCompose(_ -> setRoom(userId, contextId, Optional.of(room)));
  }

  @Override
  public CompletableFuture<Void> detach(String userId, String contextId) {
    return setRoom(userId, contextId, Optional.empty());
  }

  private CompletableFuture<Void> setRoom(String userId, String contextId, Optional<String> room) {
    return transactions
        .run(
            contextId,
            transaction -> {
              var context = own(transaction, userId, contextId);
              var changed =
                  new Context(
                      context.userId(),
                      context.created(),
                      context.nextSeq(),
                      context.bytes(),
                      room.orElse(null));
              transaction.put(contextKey(contextId), contextJson.write(changed));
              return changed;
            })
        .thenApply(_ -> null);
  }

  private Context own(Transaction transaction, String userId, String contextId) {
    if (!CHOSEN_ID.matcher(contextId).matches()) {
      throw missing();
    }
    var context =
        transaction
            .read(contextKey(contextId))
            .map(contextJson::read)
            .orElseThrow(StoredContexts::missing);
    requireOwner(context, userId);
    return context;
  }

  private static void requireOwner(Context context, String userId) {
    if (!context.userId().equals(userId)) {
      throw AppsException.of(ErrorCode.ACCESS_DENIED, "this context belongs to another user")
          .at("contextId");
    }
  }

  private static AppsException missing() {
    return AppsException.of(
            ErrorCode.NOT_FOUND, "there is no such context; ensure-chat-context makes one")
        .at("contextId");
  }

  private static RecordKey contextKey(String id) {
    return new RecordKey("contexts", id);
  }

  private static RecordKey sectionKey(String id, long seq) {
    return new RecordKey("sections", Keys.of(id, Keys.number(seq)));
  }

  private String now() {
    return clock.instant().toString();
  }
}

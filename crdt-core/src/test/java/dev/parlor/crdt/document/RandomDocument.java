package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Random;
import org.automerge.AmValue;
import org.automerge.ChangeHash;
import org.automerge.Document;
import org.automerge.ExpandMark;
import org.automerge.NewValue;
import org.automerge.ObjectId;
import org.automerge.ObjectType;
import org.automerge.Transaction;

/**
 * A document of Automerge's bindings with a random history: several actors edit copies and merge
 * them, with all types of values, nested objects, conflicts, counters, marks and deletions.
 */
public final class RandomDocument implements AutoCloseable {

  private static final List<String> KEYS = List.of("a", "b", "list", "text", "map", "\u00fc");
  private static final List<String> TEXTS = List.of("", "x", "word ", "e\u0301", "\u00fc");
  private static final ExpandMark[] EXPANDS = ExpandMark.values();

  private final Random random;
  private final List<Document> copies = new ArrayList<>();

  public RandomDocument(long seed, int actors, int changes) {
    this.random = new Random(seed);
    for (var i = 0; i < actors; i++) {
      var id = new byte[random.nextInt(10) == 0 ? 20 : 16];
      random.nextBytes(id);
      copies.add(new Document(id));
    }
    for (var i = 0; i < changes; i++) {
      change(copies.get(random.nextInt(actors)));
      if (random.nextInt(4) == 0) {
        copies.get(random.nextInt(actors)).merge(copies.get(random.nextInt(actors)));
      }
    }
    copies.forEach(copy -> copies.getFirst().merge(copy));
  }

  /** The whole document as a document chunk of the bindings. */
  public Bytes save() {
    return Bytes.wrap(copies.getFirst().save());
  }

  /** All changes as the bindings encode them, plain. */
  public List<Bytes> changes() {
    var all = copies.getFirst().encodeChangesSince(new ChangeHash[0]);
    return ChangeCodec.split(Bytes.wrap(all), FormatLimits.DEFAULT).orElseThrow();
  }

  private void change(Document document) {
    try (var transaction = document.startTransaction()) {
      for (var i = random.nextInt(5); i >= 0; i--) {
        edit(document, transaction, ObjectId.ROOT, ObjectType.MAP, 0);
      }
      transaction.commit();
    }
  }

  private void edit(
      Document document, Transaction transaction, ObjectId object, ObjectType type, int depth) {
    switch (type) {
      case MAP -> editMap(document, transaction, object, depth);
      case LIST -> editList(document, transaction, object, depth);
      case TEXT -> editText(transaction, object);
    }
  }

  private void editMap(Document document, Transaction transaction, ObjectId map, int depth) {
    var key = KEYS.get(random.nextInt(KEYS.size()));
    var present = transaction.get(map, key);
    if (present.isPresent() && depth < 4 && random.nextInt(3) > 0) {
      switch (present.get()) {
        case AmValue.Map nested -> {
          edit(document, transaction, nested.getId(), ObjectType.MAP, depth + 1);
          return;
        }
        case AmValue.List nested -> {
          edit(document, transaction, nested.getId(), ObjectType.LIST, depth + 1);
          return;
        }
        case AmValue.Text nested -> {
          edit(document, transaction, nested.getId(), ObjectType.TEXT, depth + 1);
          return;
        }
        case AmValue.Counter _ -> {
          transaction.increment(map, key, random.nextInt(-5, 6));
          return;
        }
        default -> {}
      }
    }
    switch (random.nextInt(14)) {
      case 0 -> transaction.set(map, key, text());
      case 1 -> transaction.set(map, key, random.nextDouble());
      case 2 -> transaction.set(map, key, random.nextInt());
      case 3 -> transaction.set(map, key, random.nextBoolean());
      case 4 -> transaction.set(map, key, NewValue.counter(random.nextInt(100)));
      case 5 ->
          transaction.set(map, key, Date.from(Instant.ofEpochMilli(random.nextLong(1L << 42))));
      case 6 ->
          transaction.set(
              map, key, text().repeat(40).getBytes(java.nio.charset.StandardCharsets.UTF_8));
      case 7 -> transaction.setUint(map, key, random.nextLong(Long.MAX_VALUE));
      case 8 -> transaction.setNull(map, key);
      case 9, 10 -> transaction.set(map, key, ObjectType.LIST);
      case 11 -> transaction.set(map, key, ObjectType.TEXT);
      case 12 -> transaction.set(map, key, ObjectType.MAP);
      default -> {
        if (present.isPresent()) {
          transaction.delete(map, key);
        }
      }
    }
  }

  private void editList(Document document, Transaction transaction, ObjectId list, int depth) {
    var length = transaction.length(list);
    var at = random.nextLong(length + 1);
    switch (random.nextInt(8)) {
      case 0 -> transaction.insert(list, at, text());
      case 1 -> transaction.insertNull(list, at);
      case 2 -> transaction.insert(list, at, NewValue.counter(1));
      case 3 ->
          edit(
              document,
              transaction,
              transaction.insert(list, at, ObjectType.MAP),
              ObjectType.MAP,
              depth + 1);
      case 4 -> transaction.insert(list, at, random.nextInt(3));
      default -> {
        if (at < length) {
          if (random.nextBoolean()) {
            transaction.delete(list, at);
          } else {
            transaction.set(list, at, random.nextInt(3));
          }
        }
      }
    }
  }

  private void editText(Transaction transaction, ObjectId text) {
    var length = transaction.length(text);
    var at = random.nextLong(length + 1);
    var count = random.nextLong(length - at + 1);
    switch (random.nextInt(5)) {
      case 0 -> transaction.spliceText(text, at, Math.min(2, count), text());
      case 1 -> {
        if (count > 0) {
          var expand = EXPANDS[random.nextInt(EXPANDS.length)];
          transaction.mark(text, at, at + count, KEYS.get(random.nextInt(2)), text(), expand);
        }
      }
      case 2 -> {
        if (count > 0) {
          transaction.unmark(text, KEYS.get(random.nextInt(2)), at, at + count, ExpandMark.BOTH);
        }
      }
      default -> transaction.spliceText(text, at, 0, text().repeat(random.nextInt(1, 4)));
    }
  }

  private String text() {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  /** The actors, for failure messages. */
  @Override
  public String toString() {
    return copies.stream().map(copy -> Arrays.toString(copy.getActorId())).toList().toString();
  }

  @Override
  public void close() {
    copies.forEach(Document::free);
  }
}

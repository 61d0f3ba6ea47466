package dev.parlor.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Laws of documents that sync with each other. */
class LocalDocumentProperties {

  private static final DocumentId ID = DocumentId.of(Bytes.utf8("document"));
  private static final int MESSAGES_MAX = 1_000;

  /** A document, and the messages that wait for it. */
  private static final class Side {
    final LocalDocument document;
    final ArrayDeque<Bytes> inbox = new ArrayDeque<>();

    Side(String actor) {
      document =
          LocalDocument.open(ID, Optional.empty(), new ActorId(Bytes.utf8(actor)), (_, _, _) -> {});
    }

    void sendTo(Side other) {
      document.next().ifPresent(next -> other.inbox.add(next.data()));
    }

    boolean receiveOne(Side other) {
      var data = inbox.poll();
      if (data == null) {
        return false;
      }
      if (document.receive(data) instanceof Decoding.Malformed<?>(var rule, var reason)) {
        throw new AssertionError(rule + " " + reason);
      }
      sendTo(other);
      return true;
    }
  }

  @Property(tries = 200)
  @Label("edits on both sides merge, online and offline, wherever connections break")
  void editsMerge(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int steps) {
    var random = new Random(seed);
    var left = new Side("left-left-left-l");
    var right = new Side("right-right-righ");
    left.document.edit(_ -> List.of(new Edit.Put(Path.of("list"), Value.list(List.of()))), true);
    connect(left, right);
    while (left.receiveOne(right) || right.receiveOne(left)) {
      // both sides begin with the same document
    }
    for (var step = 0; step < steps; step++) {
      var side = random.nextBoolean() ? left : right;
      var other = side.equals(left) ? right : left;
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          var value = Value.text(step + "");
          side.document.edit(_ -> List.of(new Edit.Append(Path.of("list"), value)), false);
          side.sendTo(other);
        }
        case 2, 3 -> side.receiveOne(other);
        default -> {
          disconnect(left, right);
          if (random.nextBoolean()) {
            connect(left, right);
          }
        }
      }
    }
    disconnect(left, right);
    connect(left, right);
    var messages = 0;
    while (left.receiveOne(right) || right.receiveOne(left)) {
      assertEquals(true, ++messages < MESSAGES_MAX, "the sides never stop talking");
    }
    assertEquals(left.document.heads(), right.document.heads());
    assertEquals(left.document.read(Replica::root), right.document.read(Replica::root));
    assertEquals(SaveState.SAVED, left.document.saveState());
    assertEquals(SaveState.SAVED, right.document.saveState());
    left.document.close();
    right.document.close();
  }

  private static void connect(Side left, Side right) {
    left.document.connected(true);
    right.document.connected(true);
    left.sendTo(right);
    right.sendTo(left);
  }

  private static void disconnect(Side left, Side right) {
    left.document.disconnected();
    right.document.disconnected();
    left.inbox.clear();
    right.inbox.clear();
  }
}

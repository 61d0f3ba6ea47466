package dev.parlor.crdt.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.PendingChanges.Held;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PendingChangesTest {

  private static Held hold(PendingChanges pending, String source, ChangeChunk change) {
    return pending.hold(source, change, new Offer.MissingDependencies(change.deps()));
  }

  @Test
  @DisplayName("[SY7] waiting changes are limited in count and bytes, per source and per document")
  void limitsOfCountAndBytes() {
    var changes = SyntheticChanges.chain(1, 20).changes();
    var pending = new PendingChanges(new PendingLimits(3, 10_000, 5, 10_000));
    assertEquals(Held.WAITING, hold(pending, "a", changes.get(2)));
    assertEquals(Held.DUPLICATE, hold(pending, "b", changes.get(2)));
    assertEquals(Held.WAITING, hold(pending, "a", changes.get(4)));
    assertEquals(Held.WAITING, hold(pending, "a", changes.get(6)));
    assertEquals(Held.FULL, hold(pending, "a", changes.get(8)));
    assertEquals(Held.WAITING, hold(pending, "b", changes.get(8)));
    assertEquals(Held.WAITING, hold(pending, "b", changes.get(10)));
    assertEquals(Held.FULL, hold(pending, "c", changes.get(12)));
    var narrow = new PendingChanges(new PendingLimits(10, 250, 10, 370));
    assertEquals(Held.WAITING, hold(narrow, "a", changes.get(2)));
    assertEquals(Held.WAITING, hold(narrow, "a", changes.get(4)));
    assertEquals(Held.FULL, hold(narrow, "a", changes.get(6)));
    assertEquals(Held.WAITING, hold(narrow, "b", changes.get(6)));
    assertEquals(Held.FULL, hold(narrow, "c", changes.get(8)));
    assertEquals(360, narrow.bytes());
  }

  @Test
  @DisplayName(
      "[SY7] when a source is forgotten, its waiting changes are dropped and their dependencies are no longer requested")
  void changesOfAForgottenSourceAreDropped() {
    var changes = SyntheticChanges.chain(1, 20).changes();
    var pending = new PendingChanges();
    hold(pending, "a", changes.get(2));
    hold(pending, "b", changes.get(3));
    hold(pending, "b", changes.get(9));
    assertEquals(2, pending.missing().size());
    assertEquals(List.of(changes.get(1).hash()), pending.missing("a"));
    assertEquals(List.of(changes.get(8).hash()), pending.missing("b"));
    pending.forget("b");
    assertEquals(List.of(changes.get(1).hash()), pending.missing());
    assertEquals(List.of(), pending.missing("b"));
    assertEquals(1, pending.size());
    assertEquals(List.of(), pending.release(changes.get(8).hash()));
    assertEquals(
        List.of(changes.get(2).hash()),
        pending.release(changes.get(1).hash()).stream().map(ChangeChunk::hash).toList());
    assertEquals(0, pending.size());
    assertEquals(0, pending.bytes());
    pending.forget("a");
  }

  @Test
  @DisplayName("[SY7] only dependencies that do not wait themselves are requested")
  void onlyDependenciesThatDoNotWaitAreRequested() {
    var changes = SyntheticChanges.chain(1, 20).changes();
    var pending = new PendingChanges();
    hold(pending, "a", changes.get(7));
    assertEquals(List.of(changes.get(6).hash()), pending.missing());
    hold(pending, "a", changes.get(6));
    assertEquals(List.of(changes.get(5).hash()), pending.missing());
  }

  @Test
  @DisplayName("[SY7] a dependency dropped with one source is requested again for another source")
  void droppedDependencyIsRequestedFromOtherSources() {
    var changes = SyntheticChanges.chain(1, 20).changes();
    var pending = new PendingChanges();
    hold(pending, "a", changes.get(6));
    hold(pending, "b", changes.get(7));
    assertEquals(List.of(), pending.missing("b"));
    pending.forget("a");
    assertEquals(List.of(changes.get(6).hash()), pending.missing("b"));
    assertEquals(1, pending.release(changes.get(6).hash()).size());
    assertEquals(List.of(), pending.missing("b"));
  }

  @Test
  @DisplayName("[SY7] only the changes of the same source that follow a refused change are dropped")
  void followersOfARefusedChangeAreDropped() {
    var changes = SyntheticChanges.chain(1, 20).changes();
    var pending = new PendingChanges();
    hold(pending, "a", changes.get(3));
    hold(pending, "a", changes.get(4));
    hold(pending, "a", changes.get(9));
    hold(pending, "b", changes.get(5));
    assertEquals(
        List.of(changes.get(3).hash(), changes.get(4).hash()),
        pending.dropFollowers("a", changes.get(2).hash()));
    assertEquals(2, pending.size());
    assertEquals(List.of(changes.get(8).hash()), pending.missing("a"));
    assertEquals(List.of(changes.get(4).hash()), pending.missing("b"));
    assertEquals(List.of(), pending.dropFollowers("a", changes.get(2).hash()));
    assertEquals(List.of(), pending.dropFollowers("c", changes.get(4).hash()));
    assertEquals(1, pending.release(changes.get(4).hash()).size());
  }

  @Test
  @DisplayName(
      "[SY7] ten thousand changes can wait for different dependencies; at most 256 are requested at once")
  void tenThousandWaitingChanges() {
    var changes = SyntheticChanges.chain(1, 20_001).changes();
    var pending = new PendingChanges(new PendingLimits(20_000, 64 << 20, 20_000, 64 << 20));
    for (var i = 2; i <= 20_000; i += 2) {
      hold(pending, "a", changes.get(i));
      assertTrue(pending.missing("a").size() <= 256);
    }
    assertEquals(256, pending.missing("a").size());
    assertEquals(10_000, pending.size());
    pending.forget("a");
    assertEquals(0, pending.size());
    assertEquals(List.of(), pending.missing());
  }
}

package dev.parlor.crdt.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.sync.Replicas.Native;
import dev.parlor.crdt.sync.Replicas.Ours;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DialogueTest {

  @Test
  @DisplayName("[SY5] a peer with nothing gets everything in one answer")
  void aPeerWithNothing() {
    try (var source = new Native(1);
        var peer = new Native(2)) {
      for (var i = 0; i < 20; i++) {
        source.put("k" + i, "v");
      }
      var relay = new Ours();
      Replicas.changesOf(source.document).forEach(change -> relay.offer(0, change));
      relay.open(1, false);
      peer.open(1, true);
      var messages = Replicas.talk(peer, relay, 1);
      assertEquals(relay.heads(), peer.heads());
      assertEquals(3, messages);
    }
  }

  @Test
  @DisplayName("[SY11] offline work on both sides is exchanged exactly")
  void offlineWorkOnBothSides() {
    try (var source = new Native(1);
        var peer = new Native(2)) {
      source.put("k", "v");
      var relay = new Ours();
      relay.open(1, false);
      source.open(1, true);
      Replicas.talk(source, relay, 1);
      relay.open(2, false);
      peer.open(2, true);
      Replicas.talk(peer, relay, 2);
      source.close(1);
      relay.close(1);
      peer.close(2);
      relay.close(2);
      for (var i = 0; i < 300; i++) {
        source.put("s" + i, "v");
        peer.put("p" + i, "v");
      }
      relay.open(3, false);
      source.open(3, true);
      var m1 = Replicas.talk(source, relay, 3);
      relay.open(4, false);
      peer.open(4, true);
      var m2 = Replicas.talk(peer, relay, 4);
      var m3 = Replicas.talk(source, relay, 3);
      assertEquals(relay.heads(), peer.heads());
      assertEquals(relay.heads(), source.heads());
      assertEquals(List.of(4, 4, 2), List.of(m1, m2, m3));
    }
  }
}

package dev.parlor.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.server.access.RoomAuthorizer.Entry;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.admission.Role;
import dev.parlor.server.config.Limits;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RoomAuthorizerTest {
  private static final String ADA = "id_ada";
  private static final String BO = "id_bo";

  private final RandomIds ids = new RandomIds(new SecureRandom());
  private final MemoryTable invitationTable = new MemoryTable();
  private final RoomRegistry rooms = new RoomRegistry(new MemoryTable(), new MemoryTable());
  private final MemoryTable memberTable = new MemoryTable();
  private final Members members = new Members(memberTable);
  private final RoomInfo room =
      new RoomInfo(ids.slug(), ids.documentId(), Optional.of("id_owner"), 0L);
  private Instant now = Instant.EPOCH;
  private final Owners owners = new Owners(new MemoryTable(), ids, () -> now);
  private final Invitations invitations = invitations(5);
  private final RoomLinks links =
      new RoomLinks(
          LinkKeys.open(new MemoryTable(), ids), new MemoryTable(), invitations, () -> now);
  private final RoomAuthorizer gate =
      new RoomAuthorizer(rooms, links, invitations, members, owners);

  private Invitations invitations(int perRoomMax) {
    return new Invitations(
        invitationTable, new Limits.Invitations(perRoomMax, 500, 1_000, 10), ids, () -> now);
  }

  @BeforeEach
  void publish() {
    rooms.reserve(room).join();
    rooms.publish(room).join();
  }

  private Invitation invite(Role role, Optional<Instant> end, Optional<Integer> uses) {
    return invitations.create(room.slug(), role, ADA, end, uses).orElseThrow();
  }

  private String key(Invitation invitation) {
    return links.key(room.slug(), invitation);
  }

  private static Entry.Open open(Entry entry) {
    return assertInstanceOf(Entry.Open.class, entry);
  }

  private static void closed(String rule, String code, Entry entry) {
    var refusal = assertInstanceOf(Entry.Closed.class, entry).refusal();
    assertEquals(rule + " " + code, refusal.rule() + " " + refusal.code());
  }

  private Caller caller(String identity, Entry.Open as) {
    return new Caller(Optional.of(identity), as.role(), Optional.of(room.documentId()), as.link());
  }

  @Test
  @DisplayName("[AC5] a key opens its room in its role, and nothing else")
  void keysOpenTheirRoom() {
    for (var role : Role.values()) {
      var key = links.key(room.slug(), role);
      assertEquals(role, open(gate.look(room, key, Optional.empty())).role());
      var other = new RoomInfo("another", ids.documentId(), Optional.empty(), 0L);
      closed("AC5", "wrong-key", gate.look(other, key, Optional.empty()));
      closed("AC5", "wrong-key", gate.guest(room, key + "x"));
    }
    var invitation = invite(Role.PLAYER, Optional.empty(), Optional.empty());
    var good = key(invitation);
    assertEquals(Role.PLAYER, open(gate.guest(room, good)).role());
    assertEquals(Optional.of(invitation.id()), open(gate.guest(room, good)).link());
    var last = good.charAt(good.length() - 1) == 'A' ? "B" : "A";
    closed("AC5", "wrong-key", gate.guest(room, good.substring(0, good.length() - 1) + last));
    closed("AC5", "wrong-key", gate.guest(room, ""));
    closed("AC5", "wrong-key", gate.guest(room, "x".repeat(100_000)));
  }

  @Test
  @DisplayName("[AC6] an ended link opens nothing, its successor does, the other roles' stay")
  void endedLinkIsRefused() {
    var before = links.key(room.slug(), Role.PLAYER);
    var guest = open(gate.guest(room, before));
    assertEquals("player.0", links.replace(room.slug(), Role.PLAYER));
    closed("AC6", "revoked", gate.look(room, before, Optional.of(ADA)));
    closed("AC6", "revoked", gate.join(room, before, ADA));
    closed("AC6", "revoked", gate.guest(room, before));
    assertEquals(Optional.of("AC6"), gate.refusal(caller(ADA, guest)).map(AccessRefusal::rule));
    var after = open(gate.guest(room, links.key(room.slug(), Role.PLAYER)));
    assertEquals(Optional.of("player.1"), after.link());
    assertEquals(Optional.empty(), gate.refusal(caller(ADA, after)));
    open(gate.guest(room, links.key(room.slug(), Role.HOST)));

    var invitation = invite(Role.PLAYER, Optional.empty(), Optional.empty());
    var as = open(gate.join(room, key(invitation), BO));
    invitations.revoke(room.slug(), invitation.id());
    closed("AC6", "revoked", gate.join(room, key(invitation), BO));
    assertEquals(Optional.of("AC6"), gate.refusal(caller(BO, as)).map(AccessRefusal::rule));
  }

  @Test
  @DisplayName("[AC7] an expired invitation opens nothing, also for those who came by it")
  void expiredInvitationIsRefused() {
    var invitation = invite(Role.PLAYER, Optional.of(now.plusSeconds(60)), Optional.empty());
    now = now.plusSeconds(60).minusMillis(1);
    var as = open(gate.join(room, key(invitation), BO));
    assertEquals(Optional.empty(), gate.refusal(caller(BO, as)));
    now = now.plusMillis(1);
    closed("AC7", "expired", gate.join(room, key(invitation), BO));
    closed("AC7", "expired", gate.guest(room, key(invitation)));
    assertEquals(Optional.of("AC7"), gate.refusal(caller(BO, as)).map(AccessRefusal::rule));
  }

  @Test
  @DisplayName("[AC8] an invitation lets so many people in, each as often as they like")
  void usesAreCountedByIdentity() {
    var key = key(invite(Role.PLAYER, Optional.empty(), Optional.of(1)));
    open(gate.look(room, key, Optional.empty()));
    open(gate.look(room, key, Optional.of(BO)));
    closed("AC8", "used-up", gate.guest(room, key));
    open(gate.join(room, key, ADA));
    open(gate.join(room, key, ADA));
    closed("AC8", "used-up", gate.join(room, key, BO));
    closed("AC8", "used-up", gate.look(room, key, Optional.of(BO)));
    closed("AC8", "used-up", gate.look(room, key, Optional.empty()));
    open(gate.look(room, key, Optional.of(ADA)));
  }

  @Test
  @DisplayName("[AC8] of many who take the last places at once, exactly so many get in")
  void lastPlacesAreTakenOnce() throws Exception {
    var key = key(invite(Role.PLAYER, Optional.empty(), Optional.of(3)));
    var tries = new ArrayList<Callable<Entry>>();
    for (var i = 0; i < 24; i++) {
      var identity = "id_" + i;
      tries.add(() -> gate.join(room, key, identity));
    }
    try (var many = Executors.newFixedThreadPool(8)) {
      var opened = 0;
      for (var outcome : many.invokeAll(tries)) {
        opened += outcome.get() instanceof Entry.Open ? 1 : 0;
      }
      assertEquals(3, opened);
    }
  }

  @Test
  @DisplayName("[AC9] who was removed comes in by no link until a host lets them")
  void kickedIsRefused() {
    var player = links.key(room.slug(), Role.PLAYER);
    var as = open(gate.join(room, player, BO));
    members.setKicked(room.slug(), BO, true);
    closed("AC9", "kicked", gate.join(room, player, BO));
    closed("AC9", "kicked", gate.look(room, links.key(room.slug(), Role.HOST), Optional.of(BO)));
    assertEquals(Optional.of("AC9"), gate.refusal(caller(BO, as)).map(AccessRefusal::rule));
    open(gate.join(room, player, ADA));
    members.setKicked(room.slug(), BO, false);
    open(gate.join(room, player, BO));
    assertEquals(Optional.empty(), gate.refusal(caller(BO, as)));
  }

  @Test
  @DisplayName("[AC10] a role that a host gave counts whatever the link says")
  void givenRoleCounts() {
    var host = links.key(room.slug(), Role.HOST);
    var spectator = links.key(room.slug(), Role.SPECTATOR);
    var before = open(gate.join(room, host, BO));
    members.setRole(room.slug(), BO, Role.PLAYER);
    for (var key : List.of(host, spectator)) {
      var after = open(gate.join(room, key, BO));
      assertEquals(Role.PLAYER, after.role());
      assertTrue(after.member());
      assertEquals(Optional.empty(), gate.refusal(caller(BO, after)));
    }
    assertEquals(Optional.of("AC10"), gate.refusal(caller(BO, before)).map(AccessRefusal::rule));
    assertEquals(Role.HOST, open(gate.join(room, host, ADA)).role());
  }

  @Test
  @DisplayName("a connection by the host link, without joining, has power until the link ends")
  void connectingMakesNoHost() {
    var key = links.key(room.slug(), Role.HOST);
    var as = open(gate.connect(room, key, BO));
    assertEquals(Role.HOST, as.role());
    assertFalse(as.member());
    assertEquals(Optional.empty(), gate.role(room, BO));
    assertEquals(Optional.empty(), gate.refusal(caller(BO, as)));
    links.replace(room.slug(), Role.HOST);
    assertEquals(Optional.of("AC6"), gate.refusal(caller(BO, as)).map(AccessRefusal::rule));
    closed("AC6", "revoked", gate.connect(room, key, BO));
    assertEquals(
        Role.PLAYER, open(gate.connect(room, links.key(room.slug(), Role.PLAYER), BO)).role());
  }

  @Test
  @DisplayName("a spectator who shows a host link, ended or not, is told no player link")
  void noPlayerLinkForSpectators() {
    var key = links.key(room.slug(), Role.HOST);
    open(gate.join(room, key, BO));
    assertEquals(Optional.of(links.key(room.slug(), Role.PLAYER)), gate.addressKey(room, key, BO));
    members.setRole(room.slug(), BO, Role.SPECTATOR);
    open(gate.join(room, links.key(room.slug(), Role.SPECTATOR), BO));
    var own = Optional.of(links.key(room.slug(), Role.SPECTATOR));
    assertEquals(own, gate.addressKey(room, key, BO));
    links.replace(room.slug(), Role.HOST);
    links.replace(room.slug(), Role.PLAYER);
    open(gate.join(room, key, BO));
    assertEquals(own, gate.addressKey(room, key, BO));
  }

  @Test
  @DisplayName("records of earlier versions open: the role is the link's until it is taken over")
  void earlierRecords() {
    earlier(ADA, "{\"role\":null,\"kicked\":false,\"link\":\"host.0\",\"knows\":false}");
    earlier(BO, "{\"role\":\"PLAYER\",\"kicked\":false,\"link\":\"host.0\",\"knows\":true}");
    var player = links.key(room.slug(), Role.PLAYER);
    assertEquals(Role.HOST, open(gate.look(room, player, Optional.of(ADA))).role());
    assertEquals(Role.HOST, open(gate.join(room, player, ADA)).role());
    var host = links.key(room.slug(), Role.HOST);
    assertEquals(Role.PLAYER, open(gate.join(room, host, BO)).role());

    earlier("id_cy", "{\"role\":null,\"kicked\":false,\"link\":\"player.0\",\"knows\":false}");
    members.adopt(room.slug(), "id_cy", Role.HOST);
    assertEquals(Role.HOST, open(gate.look(room, player, Optional.of("id_cy"))).role());
    members.adopt(room.slug(), "id_cy", Role.SPECTATOR);
    assertEquals(
        Role.HOST, open(gate.look(room, player, Optional.of("id_cy"))).role(), "taken over once");
  }

  @Test
  @DisplayName("an owner whom a host had removed under an earlier version is let in")
  void removedOwnerOfAnEarlierVersion() {
    earlier(
        "id_owner", "{\"role\":\"SPECTATOR\",\"kicked\":true,\"link\":\"host.0\",\"knows\":false}");
    links.replace(room.slug(), Role.HOST);
    var as = open(gate.join(room, "", "id_owner"));
    assertEquals(Role.HOST, as.role());
    assertEquals(Optional.empty(), gate.refusal(caller("id_owner", as)));
  }

  private void earlier(String identity, String record) {
    memberTable.put(room.slug() + "/" + identity, Bytes.utf8(record)).join();
  }

  @Test
  @DisplayName("the store keeps the hash of a recovery key only")
  void recoveryKeyIsHashed() {
    var table = new MemoryTable();
    var kept = new Owners(table, ids, () -> now);
    var key = kept.newRecoveryKey(room, "id_owner").orElseThrow();
    var record = table.get(room.slug()).orElseThrow().toUtf8();
    assertFalse(record.contains(key.substring(4)), record);
    assertEquals(Optional.empty(), kept.recover(room, BO, key + "x", _ -> {}));
    assertEquals(Optional.of("id_owner"), kept.recover(room, BO, key, _ -> {}));
    assertTrue(kept.isOwner(room, BO));
  }

  @Test
  @DisplayName("of many who come first to a room without an owner, one owns it")
  void oneOfManyOwns() throws Exception {
    var nobodys = new RoomInfo(ids.slug(), ids.documentId(), Optional.empty(), 0L);
    rooms.reserve(nobodys).join();
    rooms.publish(nobodys).join();
    var host = links.key(nobodys.slug(), Role.HOST);
    var tries = new ArrayList<Callable<Entry>>();
    for (var i = 0; i < 24; i++) {
      var identity = "id_" + i;
      tries.add(() -> gate.join(nobodys, host, identity));
    }
    try (var many = Executors.newFixedThreadPool(8)) {
      for (var outcome : many.invokeAll(tries)) {
        assertEquals(Role.HOST, open(outcome.get()).role());
      }
    }
    var first = owners.of(nobodys).orElseThrow();
    open(gate.join(nobodys, host, "id_late"));
    assertEquals(first, owners.of(nobodys).orElseThrow());
  }

  @Test
  void fullListForgetsWhatIsOverAndRefusesElse() {
    var first = invite(Role.PLAYER, Optional.empty(), Optional.empty());
    now = now.plusSeconds(1);
    for (var i = 1; i < 5; i++) {
      invite(Role.PLAYER, Optional.empty(), Optional.empty());
    }
    assertEquals(
        Optional.empty(),
        invitations.create(room.slug(), Role.PLAYER, ADA, Optional.empty(), Optional.empty()));
    invitations.revoke(room.slug(), first.id());
    invite(Role.HOST, Optional.empty(), Optional.empty());
    assertEquals(5, invitations.list(room.slug()).size());
    closed("AC6", "revoked", gate.guest(room, key(first)));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    var made = invite(Role.HOST, Optional.of(now.plusSeconds(9)), Optional.of(2));
    invitations.use(room.slug(), made.id(), BO);
    var again = invitations(5).list(room.slug());
    assertEquals(1, again.size());
    assertEquals(List.of(BO), again.getFirst().usedBy());
    assertEquals(Optional.of(2), again.getFirst().usesMax());
    assertEquals(made.expiresAt(), again.getFirst().expiresAt());
    assertEquals(Role.HOST, again.getFirst().role());
  }

  @Test
  @DisplayName("[AC7] connections of an invitation close when it expires, others stay")
  void expiryClosesLiveConnections() {
    var ends = invite(Role.PLAYER, Optional.of(now.plusSeconds(60)), Optional.empty());
    var stays = invite(Role.PLAYER, Optional.of(now.plusSeconds(61)), Optional.empty());
    var one = caller(ADA, open(gate.join(room, key(ends), ADA)));
    var other = caller(BO, open(gate.join(room, key(stays), BO)));
    var closed = new ArrayList<Caller>();
    LiveConnections live =
        (document, who, _, rule, _) -> {
          assertEquals(room.documentId(), document);
          assertEquals("AC7", rule);
          List.of(one, other).stream().filter(who).forEach(closed::add);
        };
    try (var expiry = new LinkExpiry(invitations, rooms, gate, live, () -> now, 4403)) {
      now = now.plusSeconds(59);
      expiry.look();
      assertEquals(List.of(), closed);
      now = now.plusSeconds(1);
      expiry.look();
      expiry.look();
      assertEquals(List.of(one), closed);
      now = now.plusSeconds(1);
      expiry.look();
      assertEquals(List.of(one, other), closed);
    }
  }
}

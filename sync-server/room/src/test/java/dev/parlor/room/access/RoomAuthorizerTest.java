package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.room.access.RoomAuthorizer.Decision;
import dev.parlor.room.limits.ServiceLimits;
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
  private final RoomAuthorizer authorizer =
      new RoomAuthorizer(rooms, links, invitations, members, owners);

  private Invitations invitations(int perRoomMax) {
    return new Invitations(
        invitationTable, new ServiceLimits.Invitations(perRoomMax, 500, 1_000, 10), ids, () -> now);
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

  private static Decision.Allowed open(Decision entry) {
    return assertInstanceOf(Decision.Allowed.class, entry);
  }

  private static void closed(String rule, String code, Decision entry) {
    var refusal = assertInstanceOf(Decision.Refused.class, entry).refusal();
    assertEquals(rule + " " + code, refusal.rule() + " " + refusal.code());
  }

  private Caller caller(String identity, Decision.Allowed as) {
    return new Caller(Optional.of(identity), as.role(), Optional.of(room.documentId()), as.link());
  }

  @Test
  @DisplayName("[AC5] a key opens only its own room, in its role")
  void keysOpenTheirRoom() {
    for (var role : Role.values()) {
      var key = links.key(room.slug(), role);
      assertEquals(role, open(authorizer.check(room, key, Optional.empty())).role());
      var other = new RoomInfo("another", ids.documentId(), Optional.empty(), 0L);
      closed("AC5", "wrong-key", authorizer.check(other, key, Optional.empty()));
      closed("AC5", "wrong-key", authorizer.guest(room, key + "x"));
    }
    var invitation = invite(Role.PLAYER, Optional.empty(), Optional.empty());
    var good = key(invitation);
    assertEquals(Role.PLAYER, open(authorizer.guest(room, good)).role());
    assertEquals(Optional.of(invitation.id()), open(authorizer.guest(room, good)).link());
    var last = good.charAt(good.length() - 1) == 'A' ? "B" : "A";
    closed("AC5", "wrong-key", authorizer.guest(room, good.substring(0, good.length() - 1) + last));
    closed("AC5", "wrong-key", authorizer.guest(room, ""));
    closed("AC5", "wrong-key", authorizer.guest(room, "x".repeat(100_000)));
  }

  @Test
  @DisplayName("[AC6] an ended link is refused; its successor and the other roles' links work")
  void endedLinkIsRefused() {
    var before = links.key(room.slug(), Role.PLAYER);
    var guest = open(authorizer.guest(room, before));
    assertEquals("player.0", links.replace(room.slug(), Role.PLAYER));
    closed("AC6", "revoked", authorizer.check(room, before, Optional.of(ADA)));
    closed("AC6", "revoked", authorizer.join(room, before, ADA));
    closed("AC6", "revoked", authorizer.guest(room, before));
    assertEquals(
        Optional.of("AC6"), authorizer.refusal(caller(ADA, guest)).map(AccessRefusal::rule));
    var after = open(authorizer.guest(room, links.key(room.slug(), Role.PLAYER)));
    assertEquals(Optional.of("player.1"), after.link());
    assertEquals(Optional.empty(), authorizer.refusal(caller(ADA, after)));
    open(authorizer.guest(room, links.key(room.slug(), Role.HOST)));

    var invitation = invite(Role.PLAYER, Optional.empty(), Optional.empty());
    var as = open(authorizer.join(room, key(invitation), BO));
    invitations.revoke(room.slug(), invitation.id());
    closed("AC6", "revoked", authorizer.join(room, key(invitation), BO));
    assertEquals(Optional.of("AC6"), authorizer.refusal(caller(BO, as)).map(AccessRefusal::rule));
  }

  @Test
  @DisplayName("[AC7] an expired invitation is refused, also for participants that joined by it")
  void expiredInvitationIsRefused() {
    var invitation = invite(Role.PLAYER, Optional.of(now.plusSeconds(60)), Optional.empty());
    now = now.plusSeconds(60).minusMillis(1);
    var as = open(authorizer.join(room, key(invitation), BO));
    assertEquals(Optional.empty(), authorizer.refusal(caller(BO, as)));
    now = now.plusMillis(1);
    closed("AC7", "expired", authorizer.join(room, key(invitation), BO));
    closed("AC7", "expired", authorizer.guest(room, key(invitation)));
    assertEquals(Optional.of("AC7"), authorizer.refusal(caller(BO, as)).map(AccessRefusal::rule));
  }

  @Test
  @DisplayName(
      "[AC8] an invitation admits a limited number of identities, each of them any number of times")
  void usesAreCountedByIdentity() {
    var key = key(invite(Role.PLAYER, Optional.empty(), Optional.of(1)));
    open(authorizer.check(room, key, Optional.empty()));
    open(authorizer.check(room, key, Optional.of(BO)));
    closed("AC8", "used-up", authorizer.guest(room, key));
    open(authorizer.join(room, key, ADA));
    open(authorizer.join(room, key, ADA));
    closed("AC8", "used-up", authorizer.join(room, key, BO));
    closed("AC8", "used-up", authorizer.check(room, key, Optional.of(BO)));
    closed("AC8", "used-up", authorizer.check(room, key, Optional.empty()));
    open(authorizer.check(room, key, Optional.of(ADA)));
  }

  @Test
  @DisplayName("[AC8] concurrent users of an invitation never exceed its number of places")
  void lastPlacesAreTakenOnce() throws Exception {
    var key = key(invite(Role.PLAYER, Optional.empty(), Optional.of(3)));
    var tries = new ArrayList<Callable<Decision>>();
    for (var i = 0; i < 24; i++) {
      var identity = "id_" + i;
      tries.add(() -> authorizer.join(room, key, identity));
    }
    try (var many = Executors.newFixedThreadPool(8)) {
      var opened = 0;
      for (var outcome : many.invokeAll(tries)) {
        opened += outcome.get() instanceof Decision.Allowed ? 1 : 0;
      }
      assertEquals(3, opened);
    }
  }

  @Test
  @DisplayName("[AC9] a removed identity is refused with every link until a host lets it in again")
  void kickedIsRefused() {
    var player = links.key(room.slug(), Role.PLAYER);
    var as = open(authorizer.join(room, player, BO));
    members.setKicked(room.slug(), BO, true);
    closed("AC9", "kicked", authorizer.join(room, player, BO));
    closed(
        "AC9", "kicked", authorizer.check(room, links.key(room.slug(), Role.HOST), Optional.of(BO)));
    assertEquals(Optional.of("AC9"), authorizer.refusal(caller(BO, as)).map(AccessRefusal::rule));
    open(authorizer.join(room, player, ADA));
    members.setKicked(room.slug(), BO, false);
    open(authorizer.join(room, player, BO));
    assertEquals(Optional.empty(), authorizer.refusal(caller(BO, as)));
  }

  @Test
  @DisplayName("[AC10] a role that a host assigned overrides the link's role")
  void givenRoleCounts() {
    var host = links.key(room.slug(), Role.HOST);
    var spectator = links.key(room.slug(), Role.SPECTATOR);
    var before = open(authorizer.join(room, host, BO));
    members.setRole(room.slug(), BO, Role.PLAYER);
    for (var key : List.of(host, spectator)) {
      var after = open(authorizer.join(room, key, BO));
      assertEquals(Role.PLAYER, after.role());
      assertTrue(after.member());
      assertEquals(Optional.empty(), authorizer.refusal(caller(BO, after)));
    }
    assertEquals(
        Optional.of("AC10"), authorizer.refusal(caller(BO, before)).map(AccessRefusal::rule));
    assertEquals(Role.HOST, open(authorizer.join(room, host, ADA)).role());
  }

  @Test
  @DisplayName(
      "an identity that connects by the host link without joining has host rights until the link ends")
  void connectingMakesNoHost() {
    var key = links.key(room.slug(), Role.HOST);
    var as = open(authorizer.connect(room, key, BO));
    assertEquals(Role.HOST, as.role());
    assertFalse(as.member());
    assertEquals(Optional.empty(), authorizer.role(room, BO));
    assertEquals(Optional.empty(), authorizer.refusal(caller(BO, as)));
    links.replace(room.slug(), Role.HOST);
    assertEquals(Optional.of("AC6"), authorizer.refusal(caller(BO, as)).map(AccessRefusal::rule));
    closed("AC6", "revoked", authorizer.connect(room, key, BO));
    assertEquals(
        Role.PLAYER,
        open(authorizer.connect(room, links.key(room.slug(), Role.PLAYER), BO)).role());
  }

  @Test
  @DisplayName(
      "a spectator that shows a host link, valid or ended, gets the spectator key and no player key")
  void noPlayerLinkForSpectators() {
    var key = links.key(room.slug(), Role.HOST);
    open(authorizer.join(room, key, BO));
    assertEquals(
        Optional.of(links.key(room.slug(), Role.PLAYER)), authorizer.addressKey(room, key, BO));
    members.setRole(room.slug(), BO, Role.SPECTATOR);
    open(authorizer.join(room, links.key(room.slug(), Role.SPECTATOR), BO));
    var own = Optional.of(links.key(room.slug(), Role.SPECTATOR));
    assertEquals(own, authorizer.addressKey(room, key, BO));
    links.replace(room.slug(), Role.HOST);
    links.replace(room.slug(), Role.PLAYER);
    open(authorizer.join(room, key, BO));
    assertEquals(own, authorizer.addressKey(room, key, BO));
  }

  @Test
  @DisplayName("in records of earlier versions the role is the link's until the record is migrated")
  void earlierRecords() {
    earlier(ADA, "{\"role\":null,\"kicked\":false,\"link\":\"host.0\",\"knows\":false}");
    earlier(BO, "{\"role\":\"PLAYER\",\"kicked\":false,\"link\":\"host.0\",\"knows\":true}");
    var player = links.key(room.slug(), Role.PLAYER);
    assertEquals(Role.HOST, open(authorizer.check(room, player, Optional.of(ADA))).role());
    assertEquals(Role.HOST, open(authorizer.join(room, player, ADA)).role());
    var host = links.key(room.slug(), Role.HOST);
    assertEquals(Role.PLAYER, open(authorizer.join(room, host, BO)).role());

    earlier("id_cy", "{\"role\":null,\"kicked\":false,\"link\":\"player.0\",\"knows\":false}");
    members.migrate(room.slug(), "id_cy", Role.HOST);
    assertEquals(Role.HOST, open(authorizer.check(room, player, Optional.of("id_cy"))).role());
    members.migrate(room.slug(), "id_cy", Role.SPECTATOR);
    assertEquals(
        Role.HOST,
        open(authorizer.check(room, player, Optional.of("id_cy"))).role(),
        "taken over once");
  }

  @Test
  @DisplayName("an owner that a host removed under an earlier version is let in")
  void removedOwnerOfAnEarlierVersion() {
    earlier(
        "id_owner", "{\"role\":\"SPECTATOR\",\"kicked\":true,\"link\":\"host.0\",\"knows\":false}");
    links.replace(room.slug(), Role.HOST);
    var as = open(authorizer.join(room, "", "id_owner"));
    assertEquals(Role.HOST, as.role());
    assertEquals(Optional.empty(), authorizer.refusal(caller("id_owner", as)));
  }

  private void earlier(String identity, String record) {
    memberTable.put(room.slug() + "/" + identity, Bytes.utf8(record)).join();
  }

  @Test
  @DisplayName("the store keeps only the hash of a recovery key")
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
  @DisplayName(
      "of many concurrent first visitors to a room without an owner, exactly one becomes its owner")
  void oneOfManyOwns() throws Exception {
    var nobodys = new RoomInfo(ids.slug(), ids.documentId(), Optional.empty(), 0L);
    rooms.reserve(nobodys).join();
    rooms.publish(nobodys).join();
    var host = links.key(nobodys.slug(), Role.HOST);
    var tries = new ArrayList<Callable<Decision>>();
    for (var i = 0; i < 24; i++) {
      var identity = "id_" + i;
      tries.add(() -> authorizer.join(nobodys, host, identity));
    }
    try (var many = Executors.newFixedThreadPool(8)) {
      for (var outcome : many.invokeAll(tries)) {
        assertEquals(Role.HOST, open(outcome.get()).role());
      }
    }
    var first = owners.of(nobodys).orElseThrow();
    open(authorizer.join(nobodys, host, "id_late"));
    assertEquals(first, owners.of(nobodys).orElseThrow());
  }

  @Test
  void fullListDropsEndedLinksAndRefusesFurtherOnes() {
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
    closed("AC6", "revoked", authorizer.guest(room, key(first)));
  }

  @Test
  void recordsAreReadAsWritten() {
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
  @DisplayName(
      "[AC7] connections of an invitation close when it expires; other connections stay open")
  void expiryClosesLiveConnections() {
    var ends = invite(Role.PLAYER, Optional.of(now.plusSeconds(60)), Optional.empty());
    var stays = invite(Role.PLAYER, Optional.of(now.plusSeconds(61)), Optional.empty());
    var one = caller(ADA, open(authorizer.join(room, key(ends), ADA)));
    var other = caller(BO, open(authorizer.join(room, key(stays), BO)));
    var closed = new ArrayList<Caller>();
    LiveConnections live =
        (document, who, _, rule, _) -> {
          assertEquals(room.documentId(), document);
          assertEquals("AC7", rule);
          List.of(one, other).stream().filter(who).forEach(closed::add);
        };
    try (var expiry = new LinkExpiry(invitations, rooms, authorizer, live, () -> now, 4403)) {
      now = now.plusSeconds(59);
      expiry.check();
      assertEquals(List.of(), closed);
      now = now.plusSeconds(1);
      expiry.check();
      expiry.check();
      assertEquals(List.of(one), closed);
      now = now.plusSeconds(1);
      expiry.check();
      assertEquals(List.of(one, other), closed);
    }
  }
}

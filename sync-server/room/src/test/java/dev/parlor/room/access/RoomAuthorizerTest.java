package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.room.access.RoomAuthorizer.Decision;
import dev.parlor.room.limits.ServiceLimits;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link RoomAuthorizer} together with the members, links, invitations and owners on which
 * its decisions depend.
 */
class RoomAuthorizerTest {
  private static final String ADA = "id_ada";
  private static final String BO = "id_bo";

  private final RandomIds ids = new RandomIds(new SecureRandom());
  private final MemoryTable invitationTable = new MemoryTable();
  private final RoomRegistry rooms =
      new RoomRegistry(new MemoryTable(), new MemoryTable(), FreshRecords.ofOneNode());
  private final MemoryTable memberTable = new MemoryTable();
  private final Members members = new Members(memberTable);
  private final RoomInfo room =
      new RoomInfo(ids.slug(), ids.documentId(), Optional.of("id_owner"), 0L);
  private Instant now = Instant.EPOCH;
  private final Owners owners = new Owners(new MemoryTable(), ids, () -> now);
  private final Invitations invitations = newInvitations(5);
  private final RoomLinks links =
      new RoomLinks(
          LinkKeys.open(new MemoryTable(), ids), new MemoryTable(), invitations, () -> now);
  private final RoomAuthorizer authorizer =
      new RoomAuthorizer(rooms, links, invitations, members, owners, FreshRecords.ofOneNode());

  private Invitations newInvitations(int perRoomMax) {
    return new Invitations(
        invitationTable, new ServiceLimits.Invitations(perRoomMax, 500, 1_000, 10), ids, () -> now);
  }

  @BeforeEach
  void publishRoom() {
    rooms.reserve(room).join();
    rooms.publish(room).join();
  }

  private Invitation invite(Role role, Optional<Instant> expiresAt, Optional<Integer> uses) {
    return invitations.create(room.slug(), role, ADA, expiresAt, uses).orElseThrow();
  }

  private String key(Invitation invitation) {
    return links.key(room.slug(), invitation);
  }

  private static Decision.Allowed assertAllowed(Decision decision) {
    return assertInstanceOf(Decision.Allowed.class, decision);
  }

  private static void assertRefused(String rule, String code, Decision decision) {
    var refusal = assertInstanceOf(Decision.Refused.class, decision).refusal();
    assertEquals(rule + " " + code, refusal.rule() + " " + refusal.code());
  }

  private Caller caller(String identity, Decision.Allowed decision) {
    return new Caller(
        Optional.of(identity), decision.role(), Optional.of(room.documentId()), decision.link());
  }

  @Test
  @DisplayName("[AC5] a key opens only its own room, with the role of its link")
  void keysOpenTheirRoom() {
    for (var role : Role.values()) {
      var key = links.key(room.slug(), role);
      assertEquals(role, assertAllowed(authorizer.check(room, key, Optional.empty())).role());
      var other = new RoomInfo("another", ids.documentId(), Optional.empty(), 0L);
      assertRefused("AC5", "wrong-key", authorizer.check(other, key, Optional.empty()));
      assertRefused("AC5", "wrong-key", authorizer.checkGuest(room, key + "x"));
    }
    var invitation = invite(Role.PLAYER, Optional.empty(), Optional.empty());
    var validKey = key(invitation);
    assertEquals(Role.PLAYER, assertAllowed(authorizer.checkGuest(room, validKey)).role());
    assertEquals(
        Optional.of(invitation.id()), assertAllowed(authorizer.checkGuest(room, validKey)).link());
    var otherCharacter = validKey.charAt(validKey.length() - 1) == 'A' ? "B" : "A";
    assertRefused(
        "AC5",
        "wrong-key",
        authorizer.checkGuest(room, validKey.substring(0, validKey.length() - 1) + otherCharacter));
    assertRefused("AC5", "wrong-key", authorizer.checkGuest(room, ""));
    assertRefused("AC5", "wrong-key", authorizer.checkGuest(room, "x".repeat(100_000)));
  }

  @Test
  @DisplayName(
      "[AC6] an ended link is refused; the link that replaced it and the links of other roles work")
  void endedLinkIsRefused() {
    var endedKey = links.key(room.slug(), Role.PLAYER);
    var guest = assertAllowed(authorizer.checkGuest(room, endedKey));
    assertEquals("player.0", links.replace(room.slug(), Role.PLAYER));
    assertRefused("AC6", "revoked", authorizer.check(room, endedKey, Optional.of(ADA)));
    assertRefused("AC6", "revoked", authorizer.join(room, endedKey, ADA));
    assertRefused("AC6", "revoked", authorizer.checkGuest(room, endedKey));
    assertEquals(
        Optional.of("AC6"), authorizer.refusal(caller(ADA, guest)).map(AccessRefusal::rule));
    var after = assertAllowed(authorizer.checkGuest(room, links.key(room.slug(), Role.PLAYER)));
    assertEquals(Optional.of("player.1"), after.link());
    assertEquals(Optional.empty(), authorizer.refusal(caller(ADA, after)));
    assertAllowed(authorizer.checkGuest(room, links.key(room.slug(), Role.HOST)));

    var invitation = invite(Role.PLAYER, Optional.empty(), Optional.empty());
    var joined = assertAllowed(authorizer.join(room, key(invitation), BO));
    invitations.revoke(room.slug(), invitation.id());
    assertRefused("AC6", "revoked", authorizer.join(room, key(invitation), BO));
    assertEquals(
        Optional.of("AC6"), authorizer.refusal(caller(BO, joined)).map(AccessRefusal::rule));
  }

  @Test
  @DisplayName("[AC7] an expired invitation is refused, also for participants that joined by it")
  void expiredInvitationIsRefused() {
    var invitation = invite(Role.PLAYER, Optional.of(now.plusSeconds(60)), Optional.empty());
    now = now.plusSeconds(60).minusMillis(1);
    var joined = assertAllowed(authorizer.join(room, key(invitation), BO));
    assertEquals(Optional.empty(), authorizer.refusal(caller(BO, joined)));
    now = now.plusMillis(1);
    assertRefused("AC7", "expired", authorizer.join(room, key(invitation), BO));
    assertRefused("AC7", "expired", authorizer.checkGuest(room, key(invitation)));
    assertEquals(
        Optional.of("AC7"), authorizer.refusal(caller(BO, joined)).map(AccessRefusal::rule));
  }

  @Test
  @DisplayName(
      "[AC8] an invitation admits a limited number of identities, each of them any number of times")
  void usesAreCountedByIdentity() {
    var key = key(invite(Role.PLAYER, Optional.empty(), Optional.of(1)));
    assertAllowed(authorizer.check(room, key, Optional.empty()));
    assertAllowed(authorizer.check(room, key, Optional.of(BO)));
    // The use of a guest cannot be counted, since a guest has no identity.
    assertRefused("AC8", "used-up", authorizer.checkGuest(room, key));
    assertAllowed(authorizer.join(room, key, ADA));
    assertAllowed(authorizer.join(room, key, ADA));
    assertRefused("AC8", "used-up", authorizer.join(room, key, BO));
    assertRefused("AC8", "used-up", authorizer.check(room, key, Optional.of(BO)));
    assertRefused("AC8", "used-up", authorizer.check(room, key, Optional.empty()));
    assertAllowed(authorizer.check(room, key, Optional.of(ADA)));
  }

  @Test
  @DisplayName("[AC8] concurrent joins never exceed the maximum number of uses of an invitation")
  void concurrentJoinsNeverExceedTheMaximumOfUses() throws Exception {
    var key = key(invite(Role.PLAYER, Optional.empty(), Optional.of(3)));
    var joins = new ArrayList<Callable<Decision>>();
    for (var i = 0; i < 24; i++) {
      var identity = "id_" + i;
      joins.add(() -> authorizer.join(room, key, identity));
    }
    try (var threads = Executors.newFixedThreadPool(8)) {
      var allowed = 0;
      for (var outcome : threads.invokeAll(joins)) {
        allowed += outcome.get() instanceof Decision.Allowed ? 1 : 0;
      }
      assertEquals(3, allowed);
    }
  }

  @Test
  @DisplayName(
      "[AC9] a removed identity is refused with every link until a host undoes the removal")
  void removedIdentityIsRefused() {
    var playerKey = links.key(room.slug(), Role.PLAYER);
    var joined = assertAllowed(authorizer.join(room, playerKey, BO));
    members.setKicked(room.slug(), BO, true);
    assertRefused("AC9", "kicked", authorizer.join(room, playerKey, BO));
    assertRefused(
        "AC9",
        "kicked",
        authorizer.check(room, links.key(room.slug(), Role.HOST), Optional.of(BO)));
    assertEquals(
        Optional.of("AC9"), authorizer.refusal(caller(BO, joined)).map(AccessRefusal::rule));
    assertAllowed(authorizer.join(room, playerKey, ADA));
    members.setKicked(room.slug(), BO, false);
    assertAllowed(authorizer.join(room, playerKey, BO));
    assertEquals(Optional.empty(), authorizer.refusal(caller(BO, joined)));
  }

  @Test
  @DisplayName("[AC10] a role that a host assigned overrides the link's role")
  void assignedRoleOverridesTheLink() {
    var hostKey = links.key(room.slug(), Role.HOST);
    var spectatorKey = links.key(room.slug(), Role.SPECTATOR);
    var before = assertAllowed(authorizer.join(room, hostKey, BO));
    members.setRole(room.slug(), BO, Role.PLAYER);
    for (var key : List.of(hostKey, spectatorKey)) {
      var after = assertAllowed(authorizer.join(room, key, BO));
      assertEquals(Role.PLAYER, after.role());
      assertTrue(after.isMember());
      assertEquals(Optional.empty(), authorizer.refusal(caller(BO, after)));
    }
    assertEquals(
        Optional.of("AC10"), authorizer.refusal(caller(BO, before)).map(AccessRefusal::rule));
    assertEquals(Role.HOST, assertAllowed(authorizer.join(room, hostKey, ADA)).role());
  }

  @Test
  @DisplayName(
      "an identity that connects by the host link without joining has host rights until the link ends")
  void connectingDoesNotMakeAMember() {
    var hostKey = links.key(room.slug(), Role.HOST);
    var connected = assertAllowed(authorizer.connect(room, hostKey, BO));
    assertEquals(Role.HOST, connected.role());
    assertFalse(connected.isMember());
    assertEquals(Optional.empty(), authorizer.role(room, BO));
    assertEquals(Optional.empty(), authorizer.refusal(caller(BO, connected)));
    links.replace(room.slug(), Role.HOST);
    assertEquals(
        Optional.of("AC6"), authorizer.refusal(caller(BO, connected)).map(AccessRefusal::rule));
    assertRefused("AC6", "revoked", authorizer.connect(room, hostKey, BO));
    assertEquals(
        Role.PLAYER,
        assertAllowed(authorizer.connect(room, links.key(room.slug(), Role.PLAYER), BO)).role());
  }

  @Test
  @DisplayName(
      "a member that sends a host link's key gets the player link's key for the address bar; a"
          + " spectator gets the spectator link's key, even if the host link ended")
  void hostKeyIsReplacedInTheAddressBar() {
    var hostKey = links.key(room.slug(), Role.HOST);
    assertAllowed(authorizer.join(room, hostKey, BO));
    assertEquals(
        Optional.of(links.key(room.slug(), Role.PLAYER)), authorizer.addressKey(room, hostKey, BO));
    members.setRole(room.slug(), BO, Role.SPECTATOR);
    assertAllowed(authorizer.join(room, links.key(room.slug(), Role.SPECTATOR), BO));
    var spectatorKey = Optional.of(links.key(room.slug(), Role.SPECTATOR));
    assertEquals(spectatorKey, authorizer.addressKey(room, hostKey, BO));
    links.replace(room.slug(), Role.HOST);
    links.replace(room.slug(), Role.PLAYER);
    assertAllowed(authorizer.join(room, hostKey, BO));
    assertEquals(spectatorKey, authorizer.addressKey(room, hostKey, BO));
  }

  @Test
  @DisplayName(
      "in a record of an earlier version, a member has the assigned role, else the role of the"
          + " record's link, until the record is migrated")
  void recordsOfAnEarlierVersionAreUnderstood() {
    putEarlierRecord(ADA, "{\"role\":null,\"kicked\":false,\"link\":\"host.0\",\"knows\":false}");
    putEarlierRecord(
        BO, "{\"role\":\"PLAYER\",\"kicked\":false,\"link\":\"host.0\",\"knows\":true}");
    var playerKey = links.key(room.slug(), Role.PLAYER);
    assertEquals(
        Role.HOST, assertAllowed(authorizer.check(room, playerKey, Optional.of(ADA))).role());
    assertEquals(Role.HOST, assertAllowed(authorizer.join(room, playerKey, ADA)).role());
    var hostKey = links.key(room.slug(), Role.HOST);
    assertEquals(Role.PLAYER, assertAllowed(authorizer.join(room, hostKey, BO)).role());

    putEarlierRecord(
        "id_cy", "{\"role\":null,\"kicked\":false,\"link\":\"player.0\",\"knows\":false}");
    members.migrate(room.slug(), "id_cy", Role.HOST);
    assertEquals(
        Role.HOST, assertAllowed(authorizer.check(room, playerKey, Optional.of("id_cy"))).role());
    members.migrate(room.slug(), "id_cy", Role.SPECTATOR);
    assertEquals(
        Role.HOST,
        assertAllowed(authorizer.check(room, playerKey, Optional.of("id_cy"))).role(),
        "a record is migrated only once");
  }

  @Test
  @DisplayName("an owner may enter although a host removed the owner in an earlier version")
  void removedOwnerMayEnter() {
    putEarlierRecord(
        "id_owner", "{\"role\":\"SPECTATOR\",\"kicked\":true,\"link\":\"host.0\",\"knows\":false}");
    links.replace(room.slug(), Role.HOST);
    var joined = assertAllowed(authorizer.join(room, "", "id_owner"));
    assertEquals(Role.HOST, joined.role());
    assertEquals(Optional.empty(), authorizer.refusal(caller("id_owner", joined)));
  }

  /** Puts a member record of a version that did not store the joined role. */
  private void putEarlierRecord(String identity, String record) {
    memberTable.put(room.slug() + "/" + identity, Bytes.utf8(record)).join();
  }

  @Test
  @DisplayName("the store keeps only the hash of a recovery key")
  void recoveryKeyIsHashed() {
    var table = new MemoryTable();
    var ownersInTable = new Owners(table, ids, () -> now);
    var key = ownersInTable.newRecoveryKey(room, "id_owner").orElseThrow();
    var record = table.get(room.slug()).orElseThrow().toUtf8();
    assertFalse(record.contains(key.substring("rec_".length())), record);
    assertEquals(Optional.empty(), ownersInTable.recover(room, BO, key + "x", _ -> {}));
    assertEquals(Optional.of("id_owner"), ownersInTable.recover(room, BO, key, _ -> {}));
    assertTrue(ownersInTable.isOwner(room, BO));
  }

  @Test
  @DisplayName(
      "if many hosts join a room without an owner at once, exactly one of them becomes the owner")
  void exactlyOneHostBecomesTheOwner() throws Exception {
    var ownerless = new RoomInfo(ids.slug(), ids.documentId(), Optional.empty(), 0L);
    rooms.reserve(ownerless).join();
    rooms.publish(ownerless).join();
    var hostKey = links.key(ownerless.slug(), Role.HOST);
    var joins = new ArrayList<Callable<Decision>>();
    for (var i = 0; i < 24; i++) {
      var identity = "id_" + i;
      joins.add(() -> authorizer.join(ownerless, hostKey, identity));
    }
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (var outcome : threads.invokeAll(joins)) {
        assertEquals(Role.HOST, assertAllowed(outcome.get()).role());
      }
    }
    var first = owners.of(ownerless).orElseThrow();
    assertAllowed(authorizer.join(ownerless, hostKey, "id_late"));
    assertEquals(first, owners.of(ownerless).orElseThrow());
  }

  @Test
  void fullListReplacesEndedInvitationsAndRefusesMore() {
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
    assertRefused("AC6", "revoked", authorizer.checkGuest(room, key(first)));
  }

  @Test
  void invitationsAreReadAsWritten() {
    var created = invite(Role.HOST, Optional.of(now.plusSeconds(9)), Optional.of(2));
    invitations.countUse(room.slug(), created.id(), BO);
    var stored = newInvitations(5).list(room.slug());
    assertEquals(1, stored.size());
    assertEquals(List.of(BO), stored.getFirst().usedBy());
    assertEquals(Optional.of(2), stored.getFirst().usesMax());
    assertEquals(created.expiresAt(), stored.getFirst().expiresAt());
    assertEquals(Role.HOST, stored.getFirst().role());
  }

  @Test
  @DisplayName(
      "[AC7] connections of an invitation close when it expires; other connections stay open")
  void expiryClosesLiveConnections() {
    var earlier = invite(Role.PLAYER, Optional.of(now.plusSeconds(60)), Optional.empty());
    var later = invite(Role.PLAYER, Optional.of(now.plusSeconds(61)), Optional.empty());
    var ada = caller(ADA, assertAllowed(authorizer.join(room, key(earlier), ADA)));
    var bo = caller(BO, assertAllowed(authorizer.join(room, key(later), BO)));
    var closed = new ArrayList<Caller>();
    var live =
        new LiveConnections() {
          @Override
          public void close(ClosingOrder order) {
            assertEquals(room.documentId(), order.room());
            assertEquals("AC7", order.rule());
            List.of(ada, bo).stream()
                .filter(caller -> order.concerns(caller, authorizer))
                .forEach(closed::add);
          }

          @Override
          public void review(Set<DocumentId> rooms) {
            throw new AssertionError("expiry sends orders");
          }
        };
    try (var expiry = new LinkExpiry(invitations, rooms, live, () -> now, 4403)) {
      now = now.plusSeconds(59);
      expiry.check();
      assertEquals(List.of(), closed);
      now = now.plusSeconds(1);
      expiry.check();
      expiry.check();
      assertEquals(List.of(ada), closed);
      now = now.plusSeconds(1);
      expiry.check();
      assertEquals(List.of(ada, bo), closed);
    }
  }
}

package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.storage.StoreUnavailableException;
import dev.parlor.room.access.RoomAuthorizer.Decision;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Access control on two nodes over tables that lose races and lag behind each other. */
class AccessOnNodesTest {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private Instant now = Instant.ofEpochSecond(1_000_000);
  private final MemoryBriefRecords brief = new MemoryBriefRecords(() -> now);
  private final Map<String, RacingTable.Shared> store = new ConcurrentHashMap<>();
  private long nanos;

  private final Node a = new Node();
  private final Node b = new Node();

  private final class Node {
    private final Map<String, RacingTable> tables = new HashMap<>();
    private final AccessServices access = open();

    private AccessServices open() {
      return AccessServices.open(
          name ->
              tables.computeIfAbsent(
                  name,
                  _ ->
                      new RacingTable(
                          store.computeIfAbsent(name, _ -> new RacingTable.Shared(threads)))),
          Optional.of(brief),
          ServiceLimits.defaults().access(),
          new RandomIds(new SecureRandom()),
          Optional.empty(),
          new Origins("127.0.0.1", Optional.empty(), List.of()),
          () -> now,
          () -> nanos);
    }

    /** This node learns all that the other has written. */
    void catchUp() {
      tables.values().forEach(RacingTable::catchUp);
    }
  }

  @AfterEach
  void stop() {
    threads.close();
  }

  private RoomInfo room() {
    var ids = a.access.ids();
    var room =
        new RoomInfo(
            ids.slug(),
            ids.documentId(),
            Optional.of("id_owner"),
            now.toEpochMilli(),
            Optional.empty(),
            false,
            Optional.empty());
    a.access.registry().reserve(room).join();
    a.access.registry().publish(room).join();
    return room;
  }

  private static Caller caller() {
    return new Caller(Optional.of("id_x"), Role.PLAYER, Optional.empty(), Optional.of("player.0"));
  }

  private <T> List<T> together(List<Callable<T>> calls) throws Exception {
    var results = new ArrayList<T>();
    for (Future<T> call : threads.invokeAll(calls)) {
      results.add(call.get());
    }
    return results;
  }

  @DisplayName("a ticket of one node opens one connection, on any node")
  @Test
  void ticketIsRedeemedOnceByAnyNode() throws Exception {
    for (var round = 0; round < 20; round++) {
      var ticket = a.access.tickets().issue(caller()).value();
      assertEquals(Optional.of(caller()), b.access.tickets().peek(ticket));
      var calls = new ArrayList<Callable<Optional<Caller>>>();
      for (var i = 0; i < 4; i++) {
        var node = i % 2 == 0 ? a : b;
        calls.add(() -> node.access.tickets().redeem(ticket));
      }
      var redeemed = together(calls).stream().flatMap(Optional::stream).toList();
      assertEquals(List.of(caller()), redeemed);
    }
  }

  @DisplayName("a ticket expires on all nodes, and the cluster never stores the ticket itself")
  @Test
  void ticketExpires() {
    var ticket = a.access.tickets().issue(caller());
    assertTrue(brief.texts().stream().noneMatch(text -> text.contains(ticket.value())));
    now = ticket.expiresAt();
    assertEquals(Optional.empty(), b.access.tickets().redeem(ticket.value()));
  }

  @DisplayName("tickets and nonces are refused as unavailable while the cluster does not answer")
  @Test
  void nothingIsAcceptedWithoutTheCluster() {
    var ticket = a.access.tickets().issue(caller()).value();
    var nonce = a.access.nonces().issue("x").value();
    brief.setAway(true);
    assertThrows(StoreUnavailableException.class, () -> b.access.tickets().redeem(ticket));
    assertThrows(StoreUnavailableException.class, () -> a.access.tickets().issue(caller()));
    assertThrows(StoreUnavailableException.class, () -> b.access.nonces().use(nonce));
    brief.setAway(false);
    assertEquals(Optional.of(caller()), b.access.tickets().redeem(ticket));
    assertEquals(Optional.empty(), b.access.nonces().use(nonce));
  }

  @DisplayName("a nonce of one node is valid on the other, and is used once in all")
  @Test
  void nonceIsUsedOnce() throws Exception {
    var nonce = a.access.nonces().issue("x").value();
    assertEquals(Optional.empty(), b.access.nonces().problem("x", nonce));
    List<Callable<Optional<AccessRefusal>>> calls =
        List.of(() -> a.access.nonces().use(nonce), () -> b.access.nonces().use(nonce));
    assertEquals(1, together(calls).stream().filter(Optional::isEmpty).count());
    assertEquals("AC3", b.access.nonces().use(nonce).orElseThrow().rule());
  }

  @DisplayName("a session that one node opened is valid on the other, and after all were restarted")
  @Test
  void sessionIsValidOnAllNodes() {
    var browser = BrowserKey.p256();
    var origin = "http://127.0.0.1:8787";
    var nonce = a.access.sessions().issueNonce("id_ada").value();
    var signature = browser.sign(Sessions.textToSign(origin, "id_ada", nonce));
    var opened =
        assertInstanceOf(
            Sessions.Outcome.Opened.class,
            b.access.sessions().open("id_ada", browser.key(), origin, nonce, signature));
    for (var node : List.of(a, b, new Node())) {
      assertEquals(Optional.of("id_ada"), node.access.sessions().identityOf(opened.token()));
    }
    assertInstanceOf(
        Sessions.Outcome.Refused.class,
        a.access.sessions().open("id_ada", browser.key(), origin, nonce, signature));
  }

  @DisplayName("all nodes have the same secrets, also when they start for the first time at once")
  @Test
  void secretsAreShared() throws Exception {
    var opened = together(List.<Callable<Node>>of(Node::new, Node::new, () -> a, () -> b));
    var keys = new ArrayList<String>();
    for (var node : opened) {
      keys.add(node.access.links().key("room", Role.PLAYER));
      var nonce = node.access.nonces().issue("x").value();
      assertEquals(Optional.empty(), a.access.nonces().problem("x", nonce));
    }
    assertEquals(1, keys.stream().distinct().count());
  }

  @DisplayName("200 people on two nodes use an invitation for 50: exactly 50 join")
  @Test
  void placesOfAnInvitationAreGivenOnce() throws Exception {
    var invitation =
        a.access
            .invitations()
            .create("room", Role.PLAYER, "id_host", Optional.empty(), Optional.of(50))
            .orElseThrow();
    b.catchUp();
    var calls = new ArrayList<Callable<Boolean>>();
    for (var i = 0; i < 200; i++) {
      var identity = "id_" + i;
      var node = i % 2 == 0 ? a : b;
      calls.add(() -> node.access.invitations().countUse("room", invitation.id(), identity));
    }
    assertEquals(50, together(calls).stream().filter(joined -> joined).count());
    b.catchUp();
    assertEquals(
        50, b.access.invitations().find("room", invitation.id()).orElseThrow().usedBy().size());
    assertTrue(
        Objects.requireNonNull(store.get("invitations")).conflicts() > 0, "the nodes did not race");
  }

  @DisplayName("two nodes change the same member at once, and no change is lost")
  @Test
  void changesOfAMemberAreKept() throws Exception {
    for (var round = 0; round < 20; round++) {
      var identity = "id_" + round;
      together(
          List.<Callable<Void>>of(
              () -> {
                a.access.members().setKicked("room", identity, true);
                return null;
              },
              () -> {
                b.access.members().setKnowsSecret("room", identity);
                return null;
              },
              () -> {
                b.access.members().setRole("room", identity, Role.SPECTATOR);
                return null;
              }));
      a.catchUp();
      var member = a.access.members().of("room", identity);
      assertTrue(member.kicked() && member.knowsSecret(), member.toString());
      assertEquals(Role.SPECTATOR, member.role());
    }
  }

  @DisplayName("two nodes replace a link at once, and each replacement ends a link of its own")
  @Test
  void linkReplacementsAreCounted() throws Exception {
    var ended =
        together(
            List.of(
                () -> a.access.links().replace("room", Role.PLAYER),
                () -> b.access.links().replace("room", Role.PLAYER)));
    assertEquals(List.of("player.0", "player.1"), ended.stream().sorted().toList());
  }

  @DisplayName("two nodes attach different keys to an identity at once, and one of them is refused")
  @Test
  void oneKeyIsAttached() throws Exception {
    for (var round = 0; round < 10; round++) {
      var identity = a.access.identities().issue("Ada").join().identity();
      b.catchUp();
      List<Boolean> attached =
          together(
              List.of(
                  () -> a.access.identities().attachKey(identity, BrowserKey.p256().key()).join(),
                  () -> b.access.identities().attachKey(identity, BrowserKey.p256().key()).join()));
      assertEquals(1, attached.stream().filter(done -> done).count());
    }
  }

  @DisplayName("two people claim a room without an owner on two nodes, and one becomes the owner")
  @Test
  void oneOwnerIsStored() throws Exception {
    var ids = a.access.ids();
    for (var round = 0; round < 10; round++) {
      var room =
          new RoomInfo(
              ids.slug(),
              ids.documentId(),
              Optional.empty(),
              0,
              Optional.empty(),
              false,
              Optional.empty());
      together(
          List.<Callable<Void>>of(
              () -> {
                a.access.owners().claim(room, "id_1");
                return null;
              },
              () -> {
                b.access.owners().claim(room, "id_2");
                return null;
              }));
      a.catchUp();
      b.catchUp();
      assertEquals(a.access.owners().of(room), b.access.owners().of(room));
    }
  }

  @DisplayName("two nodes make the shared room of a file at once, and both get the same room")
  @Test
  void sharedRoomIsOne() throws Exception {
    var made = new AtomicInteger();
    List<Callable<RoomInfo>> calls =
        List.of(
            () -> a.access.sharedRooms().of("key", () -> counted(made)),
            () -> b.access.sharedRooms().of("key", () -> counted(made)));
    assertEquals(1, together(calls).stream().map(RoomInfo::slug).distinct().count());
  }

  private RoomInfo counted(AtomicInteger made) {
    made.incrementAndGet();
    return room();
  }

  @DisplayName(
      "a room and an identity of one node are known on the other at once, before it was"
          + " told of them")
  @Test
  void ownWritesAreSeen() {
    var room = room();
    assertEquals(Optional.empty(), b.access.registry().bySlug(room.slug()));
    assertEquals(Optional.of(room), b.access.registry().findBySlug(room.slug()));
    assertTrue(b.access.registry().isRoom(room.documentId()));

    var issued = a.access.identities().issue("Ada").join();
    assertEquals(Optional.of(issued.identity()), b.access.identities().identityOf(issued.token()));

    var other = room();
    assertTrue(b.access.registry().isRoomNow(other.documentId()));
    assertEquals(Optional.of(other), b.access.registry().findByDocument(other.documentId()));
  }

  @DisplayName(
      "what another node permitted a moment ago counts: a new link, an invitation, a"
          + " membership and the end of a removal")
  @Test
  void permissionsOfAnotherNodeCount() {
    var room = room();
    b.catchUp();
    var slug = room.slug();
    a.access.links().replace(slug, Role.PLAYER);
    assertInstanceOf(
        Decision.Allowed.class,
        b.access.authorizer().checkGuest(room, a.access.links().key(slug, Role.PLAYER)));

    var invitation =
        a.access
            .invitations()
            .create(slug, Role.PLAYER, "id_owner", Optional.empty(), Optional.of(3))
            .orElseThrow();
    var key = a.access.links().key(slug, invitation);
    assertInstanceOf(Decision.Allowed.class, b.access.authorizer().join(room, key, "id_1"));

    a.access.authorizer().join(room, a.access.links().key(slug, Role.PLAYER), "id_2");
    assertInstanceOf(
        Decision.Allowed.class, b.access.authorizer().check(room, "", Optional.of("id_2")));

    a.access.members().setKicked(slug, "id_2", true);
    b.catchUp();
    a.access.members().setKicked(slug, "id_2", false);
    assertInstanceOf(
        Decision.Allowed.class, b.access.authorizer().check(room, "", Optional.of("id_2")));
  }

  @DisplayName("a ticket for a role and a link that another node gave a moment ago is accepted")
  @Test
  void ticketOfAFreshPermissionIsAccepted() {
    var room = room();
    var slug = room.slug();
    a.access.authorizer().join(room, a.access.links().key(slug, Role.SPECTATOR), "id_1");
    b.catchUp();
    a.access.members().setRole(slug, "id_1", Role.HOST);
    a.access.links().replace(slug, Role.PLAYER);
    var host =
        new Caller(
            Optional.of("id_1"), Role.HOST, Optional.of(room.documentId()), Optional.empty());
    assertEquals(Optional.of(RoomAuthorizer.ROLE_CHANGED), b.access.authorizer().refusal(host));
    assertEquals(Optional.empty(), b.access.authorizer().refusalNow(host));
    var guest =
        new Caller(
            Optional.empty(), Role.PLAYER, Optional.of(room.documentId()), Optional.of("player.1"));
    assertEquals(Optional.of(RoomLinks.REVOKED), b.access.authorizer().refusal(guest));
    assertEquals(Optional.empty(), b.access.authorizer().refusalNow(guest));
  }

  @DisplayName("invented names cause a limited number of reads of the cluster")
  @Test
  void readsForStrangersAreLimited() {
    var room = room();
    b.catchUp();
    for (var i = 0; i < 1_000; i++) {
      assertEquals(Optional.empty(), b.access.registry().findBySlug("invented" + i));
      assertEquals(Optional.empty(), b.access.identities().identityOf("id_" + i + ".guess"));
      assertInstanceOf(
          Decision.Refused.class,
          b.access.authorizer().check(room, "guess" + i, Optional.of("id_" + i)));
    }
    assertEquals(FixedServiceLimits.FRESH_READS_PER_SECOND_MAX, reads());
    nanos += ChronoUnit.SECONDS.getDuration().toNanos();
    var late = room();
    assertEquals(Optional.of(late), b.access.registry().findBySlug(late.slug()));
  }

  private int reads() {
    return store.values().stream().mapToInt(RacingTable.Shared::reads).sum();
  }

  @DisplayName("a name that a node does not know is no 404 while the cluster does not answer")
  @Test
  void unknownNamesAreUnavailableWithoutTheCluster() {
    var room = room();
    store.values().forEach(shared -> shared.setAway(true));
    assertThrows(
        StoreUnavailableException.class, () -> b.access.registry().findBySlug(room.slug()));
    assertThrows(
        StoreUnavailableException.class, () -> b.access.members().setKicked("room", "id_1", true));
    assertNotEquals(Optional.empty(), a.access.registry().findBySlug(room.slug()));
  }
}

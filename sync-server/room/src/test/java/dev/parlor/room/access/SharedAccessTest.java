package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.cluster.MemoryNodeMessages;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.room.limits.ServiceLimits;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link SharedAccess} with two nodes: a host decides on node A, and people are connected to
 * node B.
 */
class SharedAccessTest {
  private static final String ADA = "id_ada";
  private static final String BO = "id_bo";

  private final Map<String, MemoryTable> tables = new HashMap<>();
  private final Map<String, List<SharedTable>> views = new HashMap<>();
  private final MemoryNodeMessages messages = new MemoryNodeMessages();
  private final RandomIds ids = new RandomIds(new SecureRandom());
  private final AccessServices a = node(new HashMap<>());
  private final Map<String, SharedTable> tablesOfB = new HashMap<>();
  private final AccessServices b = node(tablesOfB);
  private final Connections connectionsOfB = new Connections(b);
  private final SharedAccess shared = new SharedAccess(b, connectionsOfB, InstantSource.system());
  private final RoomInfo room =
      new RoomInfo(ids.slug(), ids.documentId(), Optional.of("id_owner"), 0L);

  /** The end of a connection. */
  private record Ended(Caller caller, int code, String rule) {}

  /** Open connections. */
  private static final class Connections implements LiveConnections {
    private final AccessServices access;
    private final List<Caller> open = new ArrayList<>();
    private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();

    Connections(AccessServices access) {
      this.access = access;
    }

    synchronized Caller open(Caller caller) {
      open.add(caller);
      return caller;
    }

    @Override
    public synchronized void close(ClosingOrder order) {
      for (var caller : List.copyOf(open)) {
        if (order.concerns(caller, access.authorizer())) {
          end(caller, order.code(), order.rule());
        }
      }
    }

    @Override
    public synchronized void review(Set<DocumentId> rooms) {
      for (var caller : List.copyOf(open)) {
        if (caller.scope().filter(rooms::contains).isPresent()) {
          access
              .authorizer()
              .refusalOfOpen(caller)
              .map(SocketAccess::dismissal)
              .ifPresent(dismissal -> end(caller, dismissal.code(), dismissal.rule()));
        }
      }
    }

    private void end(Caller caller, int code, String rule) {
      open.remove(caller);
      ended.add(new Ended(caller, code, rule));
    }

    synchronized List<Caller> open() {
      return List.copyOf(open);
    }

    void expect(Caller caller, int code, String rule) throws InterruptedException {
      assertEquals(new Ended(caller, code, rule), ended.poll(10, TimeUnit.SECONDS));
    }
  }

  private AccessServices node(Map<String, SharedTable> opened) {
    return AccessServices.open(
        name ->
            opened.computeIfAbsent(
                name,
                _ ->
                    new SharedTable(
                        tables.computeIfAbsent(name, _ -> new MemoryTable()),
                        views.computeIfAbsent(name, _ -> new ArrayList<>()))),
        Optional.empty(),
        ServiceLimits.defaults().access(),
        ids,
        Optional.empty(),
        new Origins(
            "localhost", Optional.of(URI.create("http://localhost")), List.of(), false, _ -> false),
        InstantSource.system(),
        System::nanoTime);
  }

  @BeforeEach
  void begin() {
    a.registry().reserve(room).join();
    a.registry().publish(room).join();
    var _ =
        shared.start(
            name -> java.util.Objects.requireNonNull(tablesOfB.get(name)), messages.node(2));
  }

  @AfterEach
  void end() {
    shared.close();
    messages.close();
  }

  private Caller connected(String identity, Role role) {
    return connected(identity, b.links().key(room.slug(), role));
  }

  private Caller connected(String identity, String key) {
    var decision = (RoomAuthorizer.Decision.Allowed) b.authorizer().join(room, key, identity);
    return connectionsOfB.open(
        new Caller(
            Optional.of(identity),
            decision.role(),
            Optional.of(room.documentId()),
            decision.link()));
  }

  @Test
  @DisplayName("A removed member's connections on another node close although no message arrives")
  void kickWithoutMessage() throws Exception {
    var ada = connected(ADA, Role.PLAYER);
    var bo = connected(BO, Role.PLAYER);
    a.members().setKicked(room.slug(), ADA, true);
    connectionsOfB.expect(ada, CloseCodes.NOT_ALLOWED, "AC9");
    assertEquals(List.of(bo), connectionsOfB.open());
  }

  @Test
  @DisplayName("A role that a host lowers or raises closes the member's connections on other nodes")
  void roleChangesWithoutMessage() throws Exception {
    var lowered = connected(ADA, Role.PLAYER);
    var raised = connected(BO, Role.SPECTATOR);
    a.members().setRole(room.slug(), ADA, Role.SPECTATOR);
    connectionsOfB.expect(lowered, CloseCodes.PERMISSIONS_CHANGED, "AC10");
    a.members().setRole(room.slug(), BO, Role.HOST);
    connectionsOfB.expect(raised, CloseCodes.PERMISSIONS_CHANGED, "AC10");
    var again = connected(BO, Role.SPECTATOR);
    assertEquals(Role.HOST, again.role());
    a.members().setRole(room.slug(), ADA, Role.PLAYER); // another review
    a.members().setKicked(room.slug(), ADA, true);
    var ada = connectionsOfB.open(new Caller(Optional.of(ADA), Role.PLAYER, again.scope()));
    a.members().setRole(room.slug(), ADA, Role.PLAYER);
    a.members().setRole(room.slug(), ADA, Role.SPECTATOR);
    connectionsOfB.expect(ada, CloseCodes.NOT_ALLOWED, "AC9");
    assertEquals(List.of(again), connectionsOfB.open(), "the host with the new role stays");
  }

  @Test
  @DisplayName("A replaced link and a revoked invitation close their connections on other nodes")
  void endedLinksWithoutMessage() throws Exception {
    var byLink = connected(ADA, Role.PLAYER);
    var invitation =
        a.invitations()
            .create(room.slug(), Role.PLAYER, BO, Optional.empty(), Optional.empty())
            .orElseThrow();
    var byInvitation = connected(BO, a.links().key(room.slug(), invitation));
    var _ = a.links().replace(room.slug(), Role.PLAYER);
    connectionsOfB.expect(byLink, CloseCodes.NOT_ALLOWED, "AC6");
    var _ = a.invitations().revoke(room.slug(), invitation.id());
    connectionsOfB.expect(byInvitation, CloseCodes.NOT_ALLOWED, "AC6");
  }

  @Test
  @DisplayName("An invitation that was made on another node closes its connections when it expires")
  void expiryOfAnotherNodesInvitation() throws Exception {
    var invitation =
        a.invitations()
            .create(
                room.slug(),
                Role.PLAYER,
                BO,
                Optional.of(Instant.now().plusSeconds(1)),
                Optional.empty())
            .orElseThrow();
    var ada = connected(ADA, a.links().key(room.slug(), invitation));
    connectionsOfB.expect(ada, CloseCodes.NOT_ALLOWED, "AC7");
  }

  @Test
  @DisplayName("A message closes connections on other nodes before the record arrives there")
  void messageCloses() throws Exception {
    var ada = connected(ADA, Role.PLAYER);
    var bo = connected(BO, Role.HOST);
    var connectionsOfA = SharedAccess.onAllNodes(new Connections(a), messages.node(1));
    connectionsOfA.close(
        ClosingOrder.ofIdentity(
            room.documentId(), ADA, CloseCodes.NOT_ALLOWED, RoomAuthorizer.KICKED));
    connectionsOfB.expect(ada, CloseCodes.NOT_ALLOWED, "AC9");
    var link = bo.link().orElseThrow();
    var guest =
        connectionsOfB.open(new Caller(Optional.empty(), Role.HOST, bo.scope(), Optional.of(link)));
    connectionsOfA.close(
        ClosingOrder.ofLink(
            room.documentId(), link, Optional.empty(), CloseCodes.NOT_ALLOWED, RoomLinks.REVOKED));
    connectionsOfB.expect(guest, CloseCodes.NOT_ALLOWED, "AC6");
    assertEquals(List.of(bo), connectionsOfB.open(), "a member who is host stays");
    messages.node(1).publish("access", dev.parlor.crdt.identity.Bytes.utf8("{}"));
    messages.deliverAll();
    assertTrue(connectionsOfB.ended.isEmpty());
  }
}

package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.nats.NatsServer;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.cluster.Cluster;
import dev.parlor.relay.cluster.ClusterProvider;
import dev.parlor.relay.config.ClusterConfig;
import dev.parlor.relay.health.Metrics;
import dev.parlor.room.access.RoomAuthorizer.Decision;
import dev.parlor.room.limits.ServiceLimits;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Access control on two nodes whose tables are on one real nats-server. */
class AccessOnNatsTest {
  private static final int LEASE_MILLIS = 10_000;

  private static NatsServer nats;

  /** Moves on for each trial, so that the limit of reads in a second is not reached. */
  private static final AtomicLong NANOS = new AtomicLong();

  private static Node a;
  private static Node b;

  /** A node's connection and its access control. */
  private record Node(Cluster cluster, AccessServices access) {
    static Node open() throws Exception {
      var config =
          new ClusterConfig(
              List.of(nats.url()), Optional.empty(), "", ClusterConfig.Saved.QUORUM, List.of());
      var cluster = ClusterProvider.find().orElseThrow().open(config, LEASE_MILLIS, new Metrics());
      var clock = InstantSource.system();
      return new Node(
          cluster,
          AccessServices.open(
              cluster.store()::table,
              Optional.of(cluster.brief()),
              ServiceLimits.defaults().access(),
              new RandomIds(new SecureRandom()),
              Optional.empty(),
              new Origins("127.0.0.1", Optional.empty(), List.of()),
              clock,
              NANOS::get));
    }
  }

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    nats = NatsServer.start(folder.resolve("nats"));
    nats.init(1, 1);
    a = Node.open();
    b = Node.open();
  }

  @AfterAll
  static void stop() throws Exception {
    a.cluster().close();
    b.cluster().close();
    nats.close();
  }

  private static RoomInfo room() {
    var ids = a.access().ids();
    var room =
        new RoomInfo(
            ids.slug(),
            ids.documentId(),
            Optional.of("id_owner"),
            0,
            Optional.empty(),
            false,
            Optional.empty());
    a.access().registry().reserve(room).join();
    a.access().registry().publish(room).join();
    return room;
  }

  @DisplayName("200 people join on two nodes by an invitation for 50: exactly 50 are let in")
  @Test
  void placesAreGivenOnce() throws Exception {
    var room = room();
    var invitation =
        a.access()
            .invitations()
            .create(room.slug(), Role.PLAYER, "id_owner", Optional.empty(), Optional.of(50))
            .orElseThrow();
    var key = a.access().links().key(room.slug(), invitation);
    var calls = new ArrayList<Callable<Decision>>();
    for (var i = 0; i < 200; i++) {
      var identity = "id_" + i;
      var node = i % 2 == 0 ? a : b;
      calls.add(() -> node.access().authorizer().join(room, key, identity));
    }
    var allowed = 0;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var decision : threads.invokeAll(calls)) {
        allowed += decision.get() instanceof Decision.Allowed ? 1 : 0;
      }
    }
    assertEquals(50, allowed);
    var fresh = Node.open();
    try {
      var stored = fresh.access().invitations().find(room.slug(), invitation.id()).orElseThrow();
      assertEquals(50, stored.usedBy().size());
    } finally {
      fresh.cluster().close();
    }
  }

  @DisplayName("what one node has written is known on the other at once, in 100 of 100 trials")
  @Test
  void ownWritesAreSeen() {
    for (var trial = 0; trial < 100; trial++) {
      NANOS.addAndGet(TimeUnit.SECONDS.toNanos(1));
      var room = room();
      assertEquals(Optional.of(room), b.access().registry().findBySlug(room.slug()));
      assertTrue(b.access().registry().isRoomNow(room.documentId()));
      var issued = a.access().identities().issue("Ada").join();
      assertEquals(
          Optional.of(issued.identity()), b.access().identities().identityOf(issued.token()));
      a.access().links().replace(room.slug(), Role.PLAYER);
      var key = a.access().links().key(room.slug(), Role.PLAYER);
      assertInstanceOf(Decision.Allowed.class, b.access().authorizer().checkGuest(room, key));
    }
  }

  @DisplayName("both nodes derive the same keys of links")
  @Test
  void secretsAreShared() {
    assertEquals(
        a.access().links().key("room", Role.HOST), b.access().links().key("room", Role.HOST));
  }
}

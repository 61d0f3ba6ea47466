package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.ChildJvm;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.RawClient;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.MapDbChangeStore;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Idle rooms and documents leave memory, and a server starts without opening its rooms. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ManyRoomsIT {

  private static final Pattern GC_REQUESTED =
      Pattern.compile("(?m)^jvm_gc_pause_seconds_count\\{.*cause=\"System.gc\\(\\)\".*} [1-9]");

  private static final Pattern ROOMS_OPEN = Pattern.compile("(?m)^parlor_rooms_open (.*)$");

  private static ActorId actor() {
    return new ActorId(Bytes.utf8("reader of everything"));
  }

  @Test
  @DisplayName(
      "rooms without peers leave memory, trigger a garbage collection, and reopen with their content")
  void idleRoomsLeaveMemoryAndReopen(@TempDir java.nio.file.Path folder) throws Exception {
    var count = 150;
    try (var server = TestServer.start(folder, PageFiles.of(folder), forManyRooms())) {
      var ada = server.person("Ada");
      var members = new ArrayList<Member>();
      for (var i = 0; i < count; i++) {
        members.add(server.room("Room " + i).withLink("host", ada));
      }
      var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!server.http().get("/metrics").body().contains("parlor_rooms_open 0.0\n")) {
        assertTrue(System.nanoTime() < end, "the rooms did not leave memory");
      }
      while (!GC_REQUESTED.matcher(server.http().get("/metrics").body()).find()) {
        assertTrue(System.nanoTime() < end, "no garbage collection was requested");
      }
      for (var i = 0; i < count; i += 10) {
        assertEquals("Room " + i, json(members.get(i).get("")).path("title").asText());
      }
    }
  }

  /**
   * Limits under which one address can create as many rooms as a test needs. Rooms close after one
   * idle second, and a garbage collection is requested one second later.
   */
  private static ServiceLimits forManyRooms() {
    var limits = ServiceLimits.defaults();
    var rooms = limits.relay().documents();
    var http = limits.http();
    var access = limits.access();
    return limits
        .with(new Limits.Memory(100, 1, 1, 0, 85, 75, 10, 64 << 10))
        .with(
            new Limits.Documents(
                rooms.queueMax(), rooms.peersMax(), rooms.openMax(), 1, rooms.holdBackMillisMax()))
        .with(
            new ServiceLimits.Http(
                http.bodyBytesMax(),
                http.resultWaitSecondsMax(),
                1_000_000,
                http.idempotencyKeysMax(),
                http.idempotencySeconds()))
        .with(
            new ServiceLimits.Access(
                access.ticketSeconds(),
                access.ticketsMax(),
                1_000_000,
                access.identitiesPerMinuteMax()));
  }

  @Tag("long")
  @Test
  @DisplayName("the server starts without opening the thousand rooms on its disk")
  void startOpensNoRoom(@TempDir java.nio.file.Path folder) throws Exception {
    try (var firstServer = TestServer.start(folder, PageFiles.of(folder), forManyRooms())) {
      for (var i = 0; i < 1_000; i++) {
        firstServer.room("Room " + i);
      }
    }
    var process = process(folder.resolve("data"), "-Xmx512m");
    try (var client = new HttpClientForTests(port(process))) {
      assertEquals(200, client.get("/health/ready").statusCode());
      var metrics = client.get("/metrics").body();
      assertTrue(metrics.contains("parlor_rooms_open 0.0\n"), metrics);
      assertTrue(metrics.contains("parlor_store_documents 1000.0\n"), metrics);
    } finally {
      process.destroyForcibly();
    }
  }

  @Tag("long")
  @Test
  @DisplayName("documents of more bytes than the heap holds can be opened in portions")
  void moreDocumentsThanTheHeapHolds(@TempDir java.nio.file.Path data) throws Exception {
    var count = 10_000;
    var text = "x".repeat(8 * 1_024); // 80 MB in all, because changes are stored uncompressed
    try (var store =
        MapDbChangeStore.open(data, Limits.defaults().storage(), new Metrics(), UUID::randomUUID)) {
      var writes = new ArrayList<CompletableFuture<Void>>();
      for (var i = 0; i < count; i++) {
        writes.add(store.append(SyncPeer.document(i), List.of(change(i + text))));
      }
      for (var write : writes) {
        write.get(60, TimeUnit.SECONDS);
      }
    }
    var process = process(data, "-Xmx64m");
    try (var client = new HttpClientForTests(port(process))) {
      var url = URI.create("ws://" + client.uri("/").getAuthority() + "/sync");
      for (var from = 0; from < count; from += 100) {
        read(url, from, Math.min(count, from + 100));
        awaitOpenBelow(client, 500);
      }
      read(url, 0, 10);
      assertTrue(process.isAlive());
    } finally {
      process.destroyForcibly();
    }
  }

  private static ChangeRecord change(String text) {
    try (var replica = Replica.create(actor())) {
      var edit = new Edit.Put(Path.of("text"), Value.of(text));
      var chunk = replica.transact(List.of(edit)).orElseThrow();
      var hash = ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow().hash();
      return new ChangeRecord(hash, chunk);
    }
  }

  /** Requests documents over one connection, one after the other, and waits for each. */
  private static void read(URI url, int from, int to) throws IOException {
    var peers = new ArrayList<SyncPeer>();
    try (var client = RawClient.join(url, "reader-" + from)) {
      for (var i = from; i < to; i++) {
        var peer = new SyncPeer(client, SyncPeer.document(i));
        peers.add(peer);
        peer.sendSync();
        while (peer.size() == 0) {
          peer.receive();
        }
      }
    }
    for (var peer : peers) {
      peer.close();
    }
  }

  private static void awaitOpenBelow(HttpClientForTests client, int rooms) {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      var open = ROOMS_OPEN.matcher(client.get("/metrics").body());
      assertTrue(open.find());
      if (Double.parseDouble(open.group(1)) < rooms) {
        return;
      }
      assertTrue(System.nanoTime() < end, open.group());
    }
  }

  private static Process process(java.nio.file.Path data, String heap) throws IOException {
    var command = ChildJvm.longLivedCommand(heap);
    command.addAll(List.of("dev.parlor.server.Main", "serve", "--port", "0"));
    command.addAll(List.of("--data", data.toString(), "--idle-seconds", "1", "--log", "error"));
    var builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
    return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static int port(Process process) throws IOException {
    var line = process.inputReader(StandardCharsets.UTF_8).readLine();
    assertTrue(line != null && line.startsWith("Parlor is open at "), line);
    return URI.create(line.substring("Parlor is open at ".length())).getPort();
  }
}

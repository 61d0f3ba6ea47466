package dev.parlor.server;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.quarantine.NativeCallGuard;
import dev.parlor.relay.quarantine.NativeCallGuard.NativeCall;
import dev.parlor.relay.quarantine.NativeCallGuard.Work;
import dev.parlor.relay.quarantine.Quarantine;
import dev.parlor.relay.storage.MapDbChangeStore;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomTimer;
import dev.parlor.room.worker.RoomWorkers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A process that opens a data directory and crashes at a native call. Arguments: the data
 * directory, a document, and one of these:
 *
 * <ul>
 *   <li>{@code open}: the process exits in place of a call that opens a replica of the document,
 *       which need not be a room.
 *   <li>{@code room}: the process exits in place of the call that opens the room.
 *   <li>{@code abort} and a change in hexadecimal: the process passes the document and the change
 *       to the bindings, which abort.
 * </ul>
 */
public final class NativeCrashProcess {

  /** The exit status of a process that has reached the native call. */
  public static final int EXIT_CRASHED = 86;

  private NativeCrashProcess() {}

  /** Notes the start of a native call, and then exits instead of making the call. */
  private record CrashingGuard(Quarantine quarantine) implements NativeCallGuard {
    @Override
    public <T> T run(DocumentId document, NativeCall call, Supplier<T> body) {
      return quarantine.run(
          document,
          call,
          () -> {
            Runtime.getRuntime().halt(EXIT_CRASHED);
            return body.get();
          });
    }

    @Override
    public boolean isQuarantined(DocumentId document) {
      return quarantine.isQuarantined(document);
    }
  }

  public static void main(String[] args) throws Exception {
    var data = Path.of(args[0]);
    var document = DocumentId.parse(args[1]).orElseThrow();
    var metrics = new Metrics();
    var limits = ServiceLimits.defaults();
    var store = MapDbChangeStore.open(data, limits.relay().storage(), metrics, UUID::randomUUID);
    var quarantine =
        Quarantine.open(
            data.resolve("parlor.native"), store.table("quarantine"), InstantSource.system());
    var guard = new CrashingGuard(quarantine);
    var relay =
        new DocumentDirectory(
            new DocumentDirectory.Environment(
                store, Executors.newFixedThreadPool(1), metrics, System::nanoTime),
            limits.relay(),
            new PeerId("dies"),
            new SessionId("dies"));
    switch (args[2]) {
      case "open" -> openReplica(guard, store, document, List.of());
      case "room" -> {
        var timer = RoomTimer.onThread("timer");
        var actors = store.table(RoomWorkers.ACTOR_TABLE);
        var rooms =
            new RoomWorkers(
                relay, guard, actors, limits, new RoomMetrics(metrics), timer, new Random(1));
        var _ = rooms.of(document).read().get(20, TimeUnit.SECONDS);
      }
      // Without admission, which would refuse the change. The following code is the server's.
      case "abort" -> openReplica(quarantine, store, document, List.of(Bytes.ofHex(args[3])));
      default -> throw new IllegalArgumentException(args[2]);
    }
    Runtime.getRuntime().halt(0);
  }

  private static void openReplica(
      NativeCallGuard guard, MapDbChangeStore store, DocumentId document, List<Bytes> further)
      throws IOException {
    var stored = store.load(document).orElseThrow();
    var changes = new ArrayList<Bytes>();
    stored.tail().forEach(change -> changes.add(change.chunk()));
    changes.addAll(further);
    var actor = new ActorId(Bytes.wrap(new byte[16]));
    guard.run(
        document,
        NativeCall.of(Work.OPEN, stored.snapshot(), changes),
        () -> Replica.load(stored.snapshot(), changes, actor));
  }
}

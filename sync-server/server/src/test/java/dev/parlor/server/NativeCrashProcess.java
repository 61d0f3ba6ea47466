package dev.parlor.server;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.replica.Snapshots;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.document.ChangeOrigin;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.document.DocumentObserver;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.quarantine.NativeCallGuard;
import dev.parlor.relay.quarantine.NativeCallGuard.NativeCall;
import dev.parlor.relay.quarantine.NativeCallGuard.Work;
import dev.parlor.relay.quarantine.Quarantine;
import dev.parlor.relay.snapshot.GuardedSnapshots;
import dev.parlor.relay.storage.MapDbChangeStore;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomTimer;
import dev.parlor.room.worker.RoomWorkers;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A process that opens a data directory and crashes at a native call. Arguments: the data
 * directory, a document, and one of these:
 *
 * <ul>
 *   <li>{@code build}, {@code expand} or {@code room}: the process exits in place of the call that
 *       builds a snapshot, expands a snapshot or opens a room.
 *   <li>{@code abort} and a change in hexadecimal: the process passes the change to the bindings,
 *       which abort.
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
                store,
                new GuardedSnapshots(guard),
                id -> !guard.isQuarantined(id),
                Executors.newFixedThreadPool(1),
                metrics,
                System::nanoTime),
            limits.relay(),
            new PeerId("dies"),
            new SessionId("dies"));
    var opened = new CompletableFuture<Void>();
    switch (args[2]) {
      case "build" -> {
        relay.open(document).observe(new OpenedObserver(opened));
        opened.get(20, TimeUnit.SECONDS);
        var _ = relay.admin().compact(document).orElseThrow().get(20, TimeUnit.SECONDS);
      }
      case "expand" -> {
        // As an earlier version did, and as this one does with a snapshot that Java cannot read.
        var snapshot = store.load(document).orElseThrow().snapshot();
        guard.run(
            document,
            NativeCall.of(Work.EXPAND, snapshot, List.of()),
            () -> Snapshots.expand(snapshot.orElseThrow()));
      }
      case "room" -> {
        var timer = RoomTimer.onThread("timer");
        var actors = store.table(RoomWorkers.ACTOR_TABLE);
        var rooms =
            new RoomWorkers(
                relay, guard, actors, limits, new RoomMetrics(metrics), timer, new Random(1));
        var _ = rooms.of(document).read().get(20, TimeUnit.SECONDS);
      }
      case "abort" -> {
        // Without admission, which would refuse the change. The following code is the server's.
        var stored = store.load(document).orElseThrow();
        var changes = new ArrayList<Bytes>();
        stored.tail().forEach(change -> changes.add(change.chunk()));
        changes.add(Bytes.ofHex(args[3]));
        var _ = new GuardedSnapshots(quarantine).build(document, stored.snapshot(), changes);
      }
      default -> throw new IllegalArgumentException(args[2]);
    }
    Runtime.getRuntime().halt(0);
  }

  private record OpenedObserver(CompletableFuture<Void> opened) implements DocumentObserver {
    @Override
    public void opened(Optional<Bytes> snapshot, List<Bytes> changes) {
      opened.complete(null);
    }

    @Override
    public void changed(List<Bytes> changes, ChangeOrigin origin) {}

    @Override
    public void peerJoined(PeerId peer, Caller caller) {}

    @Override
    public void peerLeft(PeerId peer, Caller caller) {}

    @Override
    public void failed(Throwable cause) {
      opened.completeExceptionally(cause);
    }
  }
}

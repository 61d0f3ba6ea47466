package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.room.worker.RoomRefusal;
import dev.parlor.room.worker.RoomWorkers;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens rooms in which a request runs or waits although no live node decides there. The opened room
 * takes the lease, ends the runs as interrupted and starts the waiting requests.
 *
 * <p>Every node looks for such rooms. One of them, chosen by the hash of document and node, opens
 * the room at once. The others open it if it is still without a node at their next look, so that
 * not every node opens every room of a dead node. The lease decides if several nodes open a room.
 *
 * <p>Works on the timer's thread; {@link #start} may be called from any thread.
 */
final class RunTakeover {
  private static final Logger log = LoggerFactory.getLogger(RunTakeover.class);

  /** Looks in one lease time, besides those when a node is gone. */
  private static final int LOOKS_PER_LEASE = 4;

  private final RoomLease.Settings leases;
  private final Ledger ledger;
  private final RoomWorkers rooms;
  private final Map<DocumentId, RoomGeneration> open;

  /** The documents that had no node at the last look. */
  private Set<DocumentId> orphans = Set.of();

  /**
   * @param open the generation of the rooms that are open on this node
   */
  RunTakeover(
      RoomLease.Settings leases,
      Ledger ledger,
      RoomWorkers rooms,
      Map<DocumentId, RoomGeneration> open) {
    this.leases = leases;
    this.ledger = ledger;
    this.rooms = rooms;
    this.open = open;
  }

  void start() {
    leases.nodes().onGone(_ -> rooms.after(0, this::nodeIsGone));
    leases.table().watch(key -> rooms.after(0, () -> leaseChanged(key)));
    rooms.after(0, this::lookRegularly);
  }

  private void nodeIsGone() {
    open.values().forEach(RoomGeneration::checkLease);
    look();
  }

  private void leaseChanged(String key) {
    if (DocumentId.parse(key) instanceof Decoding.Decoded<DocumentId>(DocumentId document)) {
      RoomGeneration generation = open.get(document);
      if (generation != null) {
        generation.checkLease();
      }
    }
  }

  private void lookRegularly() {
    rooms.after(Math.max(1, leases.leaseMillis() / LOOKS_PER_LEASE), this::lookRegularly);
    releaseAgain();
    look();
  }

  /** Releases the leases of closed rooms that could not be released before. */
  private void releaseAgain() {
    for (DocumentId document : Set.copyOf(leases.unreleased())) {
      if (open.containsKey(document)) {
        leases.unreleased().remove(document);
      } else {
        var _ =
            RoomLease.releaseIfOwn(leases, document)
                .thenRun(() -> leases.unreleased().remove(document));
      }
    }
  }

  private void look() {
    if (leases.isStopping().getAsBoolean() || !leases.nodes().isSelfAlive()) {
      return;
    }
    Set<DocumentId> found = new HashSet<>();
    for (DocumentId document : ledger.unfinished()) {
      if (!open.containsKey(document) && hasNoNode(document)) {
        found.add(document);
        if (isFirst(document) || orphans.contains(document)) {
          log.info("room {}: its node is gone, this node goes on with its requests", document);
          open(rooms, document);
        }
      }
    }
    orphans = found;
  }

  private boolean hasNoNode(DocumentId document) {
    LeaseRecord lease = LeaseRecord.of(leases.table().get(document.value()).orElse(null));
    return lease.isFree()
        || lease.node().equals(leases.nodes().self())
        || leases.nodes().isGone(lease.node());
  }

  /** Whether this node is the one of the present nodes that opens the room at once. */
  private boolean isFirst(DocumentId document) {
    return leases.nodes().present().stream()
        .min(
            Comparator.<String>comparingLong(node -> hash(node + document.value()))
                .thenComparing(node -> node))
        .filter(leases.nodes().self()::equals)
        .isPresent();
  }

  private static long hash(String text) {
    CRC32 hash = new CRC32();
    hash.update(text.getBytes(StandardCharsets.UTF_8));
    return hash.getValue();
  }

  /** Opens a room, which ends its interrupted runs. */
  static void open(RoomWorkers rooms, DocumentId document) {
    try {
      var _ = rooms.of(document);
    } catch (RoomRefusal refusal) {
      log.warn("room {}: an unfinished run could not be ended: {}", document, refusal.reason());
    }
  }
}

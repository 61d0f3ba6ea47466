package dev.parlor.relay.document;

import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.relay.admission.Admission;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.health.RateLimitedLog;
import dev.parlor.relay.nodes.NodeBus;
import java.util.function.LongSupplier;
import org.slf4j.LoggerFactory;

/**
 * The services that all documents share.
 *
 * @param server this server's peer id, the sender of all messages from documents
 * @param session a unique id of this run of the process, the prefix of the session ids of the
 *     server's own ephemeral messages
 * @param nanoTime a monotonic clock
 * @param bus the port to the other nodes that serve the same documents
 * @param changes is told about new changes of documents
 * @param refusals the log of refused changes and closed connections
 */
record RelayServices(
    Limits limits,
    Metrics metrics,
    Admission admission,
    PeerId server,
    SessionId session,
    LongSupplier nanoTime,
    NodeBus bus,
    ChangeListener changes,
    RateLimitedLog refusals) {

  private static final int LOG_PERIOD_MILLIS = 1_000;

  /** For a server without other nodes. */
  RelayServices(
      Limits limits,
      Metrics metrics,
      Admission admission,
      PeerId server,
      SessionId session,
      LongSupplier nanoTime) {
    this(
        limits,
        metrics,
        admission,
        server,
        session,
        nanoTime,
        NodeBus.singleNode(),
        ChangeListener.NONE);
  }

  RelayServices(
      Limits limits,
      Metrics metrics,
      Admission admission,
      PeerId server,
      SessionId session,
      LongSupplier nanoTime,
      NodeBus bus,
      ChangeListener changes) {
    this(
        limits,
        metrics,
        admission,
        server,
        session,
        nanoTime,
        bus,
        changes,
        new RateLimitedLog(
            LoggerFactory.getLogger(DocumentWorker.class), LOG_PERIOD_MILLIS, nanoTime));
  }

  /** Whether no other node serves the same documents. */
  boolean isAlone() {
    return bus.isAlone();
  }
}

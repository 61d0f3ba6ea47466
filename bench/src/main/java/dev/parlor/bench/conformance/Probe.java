package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The connections, peers and documents of one check. Used by the check's thread, except for {@link
 * #abort}, which the watchdog calls.
 */
final class Probe implements AutoCloseable {

  /** The server under test, as known before the checks. */
  record ServerInfo(
      Target target,
      boolean acceptsUnknownDocuments,
      Optional<SupervisedServer> supervisedServer) {}

  private final ServerInfo serverInfo;
  private final RandomGenerator random;
  private final List<AutoCloseable> resources = new ArrayList<>();
  private boolean aborted;

  Probe(ServerInfo serverInfo, RandomGenerator random) {
    this.serverInfo = serverInfo;
    this.random = random;
  }

  Target target() {
    return serverInfo.target();
  }

  /** The server's process; the check is not offered if the process is unknown. */
  SupervisedServer supervisedServer() {
    return serverInfo
        .supervisedServer()
        .orElseThrow(
            () -> new NotOfferedException("checked only if the suite can restart the server"));
  }

  Bytes randomBytes(int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  /** A TCP connection without an upgrade. */
  RawConnection connect() throws IOException {
    return connect(0);
  }

  RawConnection connect(int receiveBufferBytes) throws IOException {
    return closeAtEnd(RawConnection.connect(target(), receiveBufferBytes));
  }

  /** A valid upgrade request. */
  UpgradeRequest upgrade() {
    return new UpgradeRequest(target());
  }

  /** Sends an upgrade request on a new connection. */
  UpgradeRequest.Answer request(UpgradeRequest upgrade) throws IOException {
    var connection = connect();
    connection.write(upgrade.bytes());
    return connection.answer();
  }

  /** A WebSocket that has not joined. */
  ConformancePeer open() throws IOException {
    return open(connect());
  }

  private ConformancePeer open(RawConnection connection) {
    return open(connection, newId());
  }

  ConformancePeer open(RawConnection connection, PeerId id) {
    return open(connection, id, upgrade());
  }

  private static ConformancePeer open(RawConnection connection, PeerId id, UpgradeRequest upgrade) {
    connection.write(upgrade.bytes());
    var answer = connection.answer();
    if (!answer.isGranted()) {
      throw new Finding("HTTP status 101", answer.describe());
    }
    return new ConformancePeer(connection, id);
  }

  /** Joins at another path of the server. */
  ConformancePeer join(Target target) throws IOException {
    return open(connect(), newId(), new UpgradeRequest(target)).join();
  }

  ConformancePeer join() throws IOException {
    return open().join();
  }

  /** Joins with this peer id. */
  ConformancePeer join(PeerId id) throws IOException {
    return open(connect(), id).join();
  }

  /** A joined peer with a small receive buffer. */
  ConformancePeer joinWithSmallBuffer() throws IOException {
    return open(connect(4_096)).join();
  }

  PeerId newId() {
    return new PeerId("conformance-" + Long.toHexString(random.nextLong()));
  }

  /** A new document id. */
  DocumentId newDocument() {
    if (!serverInfo.acceptsUnknownDocuments()) {
      throw new NotOfferedException("a connection at this path has only one document");
    }
    return DocumentId.of(randomBytes(16));
  }

  /** A new document with this peer as its author. */
  Doc newDoc(ConformancePeer peer) {
    return doc(peer, newDocument());
  }

  /** Another peer's copy of the document. */
  Doc doc(ConformancePeer peer, DocumentId document) {
    return closeAtEnd(new Doc(peer, document));
  }

  private synchronized <T extends AutoCloseable> T closeAtEnd(T resource) {
    if (aborted) {
      closeQuietly(resource);
    } else {
      resources.add(resource);
    }
    return resource;
  }

  /** Closes every connection, so that a thread waiting on one wakes up. */
  synchronized void abort() {
    aborted = true;
    resources.stream().filter(RawConnection.class::isInstance).forEach(Probe::closeQuietly);
  }

  @Override
  public synchronized void close() {
    resources.forEach(Probe::closeQuietly);
    resources.clear();
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception _) {
      // The connection is closed already.
    }
  }
}

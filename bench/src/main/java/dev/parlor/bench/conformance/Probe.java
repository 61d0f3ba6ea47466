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
 * The tools of one check: connections, peers and documents of its own. Used by the check's thread;
 * the watchdog calls {@link #abort}.
 */
final class Probe implements AutoCloseable {

  /** Facts about the server, known before the checks. */
  record Surroundings(Target target, boolean opensAnyDocument, Optional<Lifecycle> lifecycle) {}

  private final Surroundings surroundings;
  private final RandomGenerator random;
  private final List<AutoCloseable> open = new ArrayList<>();
  private boolean aborted;

  Probe(Surroundings surroundings, RandomGenerator random) {
    this.surroundings = surroundings;
    this.random = random;
  }

  Target target() {
    return surroundings.target();
  }

  /** The server's process, if it is known. */
  Lifecycle lifecycle() {
    return surroundings
        .lifecycle()
        .orElseThrow(() -> new NotOffered("looked at where this suite has started the server"));
  }

  RandomGenerator random() {
    return random;
  }

  Bytes randomBytes(int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  /** A TCP connection without an upgrade. */
  Line dial() throws IOException {
    return dial(0);
  }

  Line dial(int receiveBuffer) throws IOException {
    return opened(Line.dial(target(), receiveBuffer));
  }

  /** A valid upgrade request. */
  Upgrade upgrade() {
    return new Upgrade(target());
  }

  /** Sends an upgrade request on a new connection. */
  Upgrade.Answer ask(Upgrade upgrade) throws IOException {
    var line = dial();
    line.write(upgrade.bytes());
    return line.answer();
  }

  /** A WebSocket that has not joined. */
  ConformancePeer open() throws IOException {
    return open(dial());
  }

  private ConformancePeer open(Line line) {
    return open(line, newId());
  }

  ConformancePeer open(Line line, PeerId id) {
    return open(line, id, upgrade());
  }

  private static ConformancePeer open(Line line, PeerId id, Upgrade upgrade) {
    line.write(upgrade.bytes());
    var answer = line.answer();
    if (!answer.granted()) {
      throw new Finding("HTTP status 101", answer.describe());
    }
    return new ConformancePeer(line, id);
  }

  /** Joins at another path of the server. */
  ConformancePeer join(Target at) throws IOException {
    return open(dial(), newId(), new Upgrade(at)).joined();
  }

  ConformancePeer join() throws IOException {
    return open().joined();
  }

  /** Joins with a peer id of the check's choice. */
  ConformancePeer join(PeerId id) throws IOException {
    return open(dial(), id).joined();
  }

  /** A joined peer with a small receive buffer. */
  ConformancePeer joinSlow() throws IOException {
    return open(dial(4_096)).joined();
  }

  PeerId newId() {
    return new PeerId("conformance-" + Long.toHexString(random.nextLong()));
  }

  /** A new document id. */
  DocumentId newDocument() {
    if (!surroundings.opensAnyDocument()) {
      throw new NotOffered("a connection at this path reaches no documents but its own");
    }
    return DocumentId.of(randomBytes(16));
  }

  /** A new document with this peer as its author. */
  Doc newDoc(ConformancePeer peer) {
    return doc(peer, newDocument());
  }

  /** Another peer's copy of the document. */
  Doc doc(ConformancePeer peer, DocumentId document) {
    return opened(new Doc(peer, document));
  }

  private synchronized <T extends AutoCloseable> T opened(T resource) {
    if (aborted) {
      closeQuietly(resource);
    } else {
      open.add(resource);
    }
    return resource;
  }

  /** Closes every connection, so that a thread waiting on one wakes up. */
  synchronized void abort() {
    aborted = true;
    open.stream().filter(Line.class::isInstance).forEach(Probe::closeQuietly);
  }

  @Override
  public synchronized void close() {
    open.forEach(Probe::closeQuietly);
    open.clear();
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception _) {
      // The connection is closed already.
    }
  }
}

package dev.parlor.room.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.cluster.BriefRecords;
import dev.parlor.relay.storage.StoreUnavailableException;
import dev.parlor.room.access.ClusterReply;
import dev.parlor.room.access.Hashes;
import dev.parlor.room.access.RandomIds;
import dev.parlor.room.limits.FixedServiceLimits;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replies of all nodes of a cluster to requests with an {@code Idempotency-Key}. A node claims
 * the key before it executes a request, and stores the reply afterwards. Another node with the same
 * key replays the reply, or answers 409 while there is none.
 *
 * <p>A node that dies between claim and reply leaves its claim, which expires after {@link
 * FixedServiceLimits#IDEMPOTENCY_CLAIM_SECONDS}. The request is then executed again, although its
 * effect may be there already: only whoever repeats a request later than that sees this.
 *
 * <p>Replies can contain secrets, so they are encrypted. The key is derived from the scope, which
 * only someone who can send the request knows; the records are stored under a hash of the scope.
 */
final class SharedReplies {
  private static final Logger LOG = LoggerFactory.getLogger(SharedReplies.class);

  private static final byte CLAIM = 1;
  private static final byte REPLY = 2;
  private static final int FINGERPRINT_LENGTH = 64;
  private static final int IV_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int POLL_MILLIS = 100;

  /** Waits on the calling thread. */
  @FunctionalInterface
  interface Pause {
    void millis(long duration) throws InterruptedException;
  }

  private final BriefRecords brief;
  private final RandomIds random;
  private final Duration lifetime;
  private final Pause pause;

  /**
   * @param lifetimeSeconds time for which a reply is kept
   */
  SharedReplies(BriefRecords brief, RandomIds random, int lifetimeSeconds, Pause pause) {
    this.brief = brief;
    this.random = random;
    var wished = Duration.ofSeconds(lifetimeSeconds);
    this.lifetime =
        wished.compareTo(BriefRecords.LIFETIME_MAX) < 0 ? wished : BriefRecords.LIFETIME_MAX;
    this.pause = pause;
  }

  /**
   * Executes a request unless a node has done so before.
   *
   * @throws StoreUnavailableException if the cluster does not answer before the request is executed
   */
  Reply execute(String scope, String fingerprint, Supplier<Reply> work) {
    var key = "reply/" + Hashes.sha256("name of " + scope);
    var body = Hashes.sha256(scope + "\n" + fingerprint);
    var waits = FixedServiceLimits.IDEMPOTENCY_WAIT_SECONDS_MAX * 1_000 / POLL_MILLIS;
    for (var attempt = 0; attempt < waits; attempt++) {
      var claimed =
          ClusterReply.await(
              brief.putOnce(
                  key,
                  claim(body),
                  Duration.ofSeconds(FixedServiceLimits.IDEMPOTENCY_CLAIM_SECONDS)));
      if (claimed) {
        return executeClaimed(key, scope, body, work);
      }
      var stored = ClusterReply.await(brief.get(key));
      if (stored.isPresent()) {
        var replayed = replay(stored.get(), scope, body);
        if (replayed.isPresent()) {
          return replayed.get();
        }
        waitForOther();
      }
    }
    throw Idempotency.inProgress();
  }

  private void waitForOther() {
    try {
      pause.millis(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Idempotency.inProgress();
    }
  }

  private Reply executeClaimed(String key, String scope, String body, Supplier<Reply> work) {
    Reply reply;
    try {
      reply = work.get();
    } catch (RuntimeException | Error e) {
      release(key);
      throw e;
    }
    if (!Idempotency.isKept(reply)) {
      release(key);
      return reply;
    }
    var encoded = encode(reply, scope, body);
    if (encoded.length() > FixedServiceLimits.IDEMPOTENCY_REPLY_BYTES_MAX) {
      release(key);
      return reply;
    }
    try {
      ClusterReply.await(brief.put(key, encoded, lifetime));
    } catch (StoreUnavailableException e) {
      // The effect is there. Until the claim expires, other nodes answer 409.
      LOG.warn("a reply was not stored for its Idempotency-Key: {}", e.getMessage());
    }
    return reply;
  }

  private void release(String key) {
    try {
      var _ = ClusterReply.await(brief.take(key));
    } catch (StoreUnavailableException e) {
      LOG.debug("a claim of an Idempotency-Key expires later", e);
    }
  }

  private static Bytes claim(String body) {
    return Bytes.concat(List.of(Bytes.wrap(new byte[] {CLAIM}), Bytes.utf8(body)));
  }

  private Bytes encode(Reply reply, String scope, String body) {
    var iv = random.bytes(IV_BYTES);
    return Bytes.concat(
        List.of(
            Bytes.wrap(new byte[] {REPLY}),
            Bytes.utf8(body),
            Bytes.wrap(iv),
            Bytes.wrap(crypt(Cipher.ENCRYPT_MODE, scope, iv, plain(reply)))));
  }

  /** The reply in a record; empty while the other request is in progress. */
  private static Optional<Reply> replay(Bytes stored, String scope, String body) {
    if (!stored.slice(1, FINGERPRINT_LENGTH).toUtf8().equals(body)) {
      throw Idempotency.reused();
    }
    if (stored.at(0) != REPLY) {
      return Optional.empty();
    }
    var start = 1 + FINGERPRINT_LENGTH;
    var iv = stored.slice(start, IV_BYTES).toArray();
    var rest = stored.slice(start + IV_BYTES, stored.length() - start - IV_BYTES).toArray();
    return Optional.of(Idempotency.replayed(read(crypt(Cipher.DECRYPT_MODE, scope, iv, rest))));
  }

  private static byte[] crypt(int mode, String scope, byte[] iv, byte[] text) {
    try {
      var key = HexFormat.of().parseHex(Hashes.sha256("content of " + scope));
      var cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, iv));
      return cipher.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a stored reply cannot be read", e);
    }
  }

  private static byte[] plain(Reply reply) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeShort(reply.status());
      out.writeUTF(reply.contentType());
      out.writeShort(reply.headers().size());
      for (var header : reply.headers().entrySet()) {
        out.writeUTF(header.getKey());
        out.writeUTF(header.getValue());
      }
      out.write(reply.body().toArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static Reply read(byte[] plain) {
    try (var in = new DataInputStream(new ByteArrayInputStream(plain))) {
      var status = in.readUnsignedShort();
      var contentType = in.readUTF();
      var headers = new HashMap<String, String>();
      for (var left = in.readUnsignedShort(); left > 0; left--) {
        headers.put(in.readUTF(), in.readUTF());
      }
      return new Reply(status, contentType, Bytes.wrap(in.readAllBytes()), headers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

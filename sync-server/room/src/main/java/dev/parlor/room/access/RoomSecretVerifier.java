package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;

/**
 * Verifies that an identity knows a room's secret, without receiving the secret. One successful
 * proof is enough; it is recorded.
 */
public final class RoomSecretVerifier {
  private final Nonces nonces;
  private final Members members;

  public RoomSecretVerifier(Nonces nonces, Members members) {
    this.nonces = nonces;
    this.members = members;
  }

  /** Issues the nonce over which this identity must compute its proof. */
  public Nonces.Nonce issueNonce(RoomInfo room, String identity) {
    return nonces.issue(subject(room, identity));
  }

  /**
   * Verifies a proof. After a correct proof, this identity never has to prove the secret again.
   *
   * @return the refusal, or empty if the proof is correct
   */
  public Optional<AccessRefusal> verify(RoomInfo room, String identity, String nonce, Bytes proof) {
    var problem = nonces.problem(subject(room, identity), nonce);
    if (problem.isPresent()) {
      return problem;
    }
    var secret = room.secret().orElseThrow();
    if (!secret.proves(RoomSecret.textToProve(room.slug(), identity, nonce), proof)) {
      return Optional.of(WRONG);
    }
    var nonceRefusal = nonces.use(nonce);
    if (nonceRefusal.isEmpty()) {
      members.setKnowsSecret(room.slug(), identity);
    }
    return nonceRefusal;
  }

  private static String subject(RoomInfo room, String identity) {
    return "secret " + room.slug() + " " + identity;
  }

  static final AccessRefusal WRONG =
      new AccessRefusal(RoomSecret.RULE, 403, "wrong-secret", "this is not the room's secret");
}

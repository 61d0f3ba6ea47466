package dev.parlor.crdt.format;

/**
 * The limits of one change. A chunk above {@code plainBytesMax} is Malformed under AD3, a chunk
 * above another limit under AD1.
 *
 * @param plainBytesMax bytes of one chunk in plain form; a deflated chunk is inflated up to this
 *     only
 * @param dependenciesMax hashes in the change's dependency list
 * @param actorsMax other actors named by the change
 * @param actorBytesMax bytes of one actor id
 * @param messageBytesMax UTF-8 bytes of the commit message
 */
public record FormatLimits(
    int plainBytesMax, int dependenciesMax, int actorsMax, int actorBytesMax, int messageBytesMax) {

  public static final FormatLimits DEFAULT =
      new FormatLimits(16 << 20, 8_192, 8_192, 128, 64 << 10);

  public FormatLimits {
    if (plainBytesMax < 64
        || dependenciesMax < 1
        || actorsMax < 1
        || actorBytesMax < 16
        || messageBytesMax < 0) {
      throw new IllegalArgumentException("a format limit is too small for any change");
    }
  }
}

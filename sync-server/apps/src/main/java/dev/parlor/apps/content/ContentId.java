package dev.parlor.apps.content;

import dev.parlor.crdt.identity.Bytes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The id of some bytes: {@code z} and their SHA-256 in base58btc. Equal bytes have the same id.
 *
 * @param text for example {@code zALtCJe12EFVgLEg6YDxtpba7jPHLRYEojT6aP8rtG3s}
 */
public record ContentId(String text) implements Comparable<ContentId> {
  private static final Pattern FORM = Pattern.compile("z[1-9A-HJ-NP-Za-km-z]{32,44}");

  /** Checks the form. */
  public ContentId {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("not a content id");
    }
  }

  /** The id of these bytes. */
  public static ContentId of(Bytes content) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      content.update(digest);
      return new ContentId("z" + Base58.encode(digest.digest()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The id that a text from outside spells; empty if the text has another form. */
  public static Optional<ContentId> parse(String text) {
    return FORM.matcher(text).matches() ? Optional.of(new ContentId(text)) : Optional.empty();
  }

  @Override
  public int compareTo(ContentId other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}

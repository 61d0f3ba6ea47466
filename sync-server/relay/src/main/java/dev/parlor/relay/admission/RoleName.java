package dev.parlor.relay.admission;

import dev.parlor.relay.config.FixedLimits;
import java.util.regex.Pattern;

/** The names of roles that an app gives to the users of its documents. */
public final class RoleName {

  /** The rule of {@link #isValid} as a part of a sentence. */
  public static final String RULE =
      "1 to "
          + FixedLimits.ROLE_NAME_LENGTH_MAX
          + " letters, digits and _.:-, other than read, write and own";

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9_.:-]{1," + FixedLimits.ROLE_NAME_LENGTH_MAX + "}");

  private RoleName() {}

  /** Whether this is the name of a role. The names of permissions are not. */
  public static boolean isValid(String name) {
    return NAME.matcher(name).matches() && Permission.named(name).isEmpty();
  }
}

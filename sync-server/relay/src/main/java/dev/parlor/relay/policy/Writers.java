package dev.parlor.relay.policy;

import dev.parlor.relay.admission.Permission;
import dev.parlor.relay.admission.Role;
import java.util.Optional;
import java.util.Set;

/**
 * The callers who may write at the paths of a rule.
 *
 * @param least callers with this permission in the document, or with one that includes it; empty if
 *     no permission is enough
 * @param roles callers with one of these named roles
 */
record Writers(Optional<Permission> least, Set<String> roles) {

  Writers {
    roles = Set.copyOf(roles);
  }

  /**
   * Whether a caller may write.
   *
   * @param role the role that the caller's permission gives
   * @param named the caller's named roles
   */
  boolean include(Role role, Set<String> named) {
    // The constants of Role are in descending order of their permissions.
    if (least.isPresent() && role.compareTo(least.get().role()) <= 0) {
      return true;
    }
    for (var name : roles) {
      if (named.contains(name)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a caller who may only read may be among them. */
  boolean mayIncludeReaders() {
    return least.filter(Permission.READ::equals).isPresent() || !roles.isEmpty();
  }
}

package dev.parlor.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.parlor.server.admission.Role;
import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinkKeysTest {
  private final MemoryTable secrets = new MemoryTable();
  private final RandomIds ids = new RandomIds(new SecureRandom());
  private final LinkKeys keys = LinkKeys.open(secrets, ids);

  @Test
  void keyProvesItsRoleInItsRoomOnly() {
    for (var role : Role.values()) {
      var key = keys.key("room", role);
      assertEquals(22, key.length());
      assertEquals(Optional.of(role), keys.role("room", key));
      assertEquals(Optional.empty(), keys.role("other", key));
    }
    assertEquals(Optional.empty(), keys.role("room", ""));
    assertEquals(Optional.empty(), keys.role("room", keys.key("room", Role.HOST).substring(1)));
  }

  @Test
  void keysOutliveARestartAndDifferBetweenServers() {
    var before = keys.key("room", Role.HOST);
    assertEquals(before, LinkKeys.open(secrets, ids).key("room", Role.HOST));
    assertNotEquals(before, LinkKeys.open(new MemoryTable(), ids).key("room", Role.HOST));
  }
}

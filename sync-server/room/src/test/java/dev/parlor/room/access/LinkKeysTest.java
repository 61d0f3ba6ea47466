package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.parlor.relay.admission.Role;
import java.security.SecureRandom;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class LinkKeysTest {
  private final MemoryTable secrets = new MemoryTable();
  private final RandomIds ids = new RandomIds(new SecureRandom());
  private final LinkKeys keys = LinkKeys.open(secrets, ids);

  @Test
  void keysDifferByRoomRoleAndGeneration() {
    var distinctKeys = new HashSet<String>();
    for (var room : new String[] {"room", "other"}) {
      for (var role : Role.values()) {
        for (var generation = 0; generation < 3; generation++) {
          var key = keys.roleKey(room, role, generation);
          assertEquals(22, key.length());
          distinctKeys.add(key);
        }
      }
    }
    distinctKeys.add(keys.invitationKey("room", "inv_1"));
    distinctKeys.add(keys.invitationKey("other", "inv_1"));
    distinctKeys.add(keys.invitationKey("room", "inv_2"));
    assertEquals(2 * 3 * 3 + 3, distinctKeys.size());
  }

  @Test
  void keysOutliveARestartAndDifferBetweenServers() {
    var key = keys.roleKey("room", Role.HOST, 0);
    assertEquals(key, LinkKeys.open(secrets, ids).roleKey("room", Role.HOST, 0));
    assertNotEquals(key, LinkKeys.open(new MemoryTable(), ids).roleKey("room", Role.HOST, 0));
  }
}

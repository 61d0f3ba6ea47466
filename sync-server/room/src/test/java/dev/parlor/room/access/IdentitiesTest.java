package dev.parlor.room.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IdentitiesTest {
  private final MemoryTable table = new MemoryTable();
  private final Identities identities =
      new Identities(
          table,
          new RandomIds(new SecureRandom()),
          InstantSource.fixed(Instant.EPOCH),
          FreshRecords.ofOneNode());

  @Test
  void tokenProvesOnlyItsIdentity() {
    var ada = identities.issue("Ada").join();
    var bo = identities.issue("Bo").join();

    assertEquals(Optional.of(ada.identity()), identities.identityOf(ada.token()));
    assertEquals(Optional.of(bo.identity()), identities.identityOf(bo.token()));
    var tokenWithOtherSecret = ada.identity() + bo.token().substring(bo.token().indexOf('.'));
    assertEquals(Optional.empty(), identities.identityOf(tokenWithOtherSecret));
  }

  @Test
  void tokenHas256RandomBits() {
    var issued = identities.issue("Ada").join();
    assertEquals(43, issued.token().length() - issued.identity().length() - 1);
    assertTrue(issued.identity().matches("id_[1-9A-HJ-NP-Za-km-z]{22}"), issued.identity());
  }

  @Test
  void storeContainsNoToken() {
    var issued = identities.issue("Ada").join();
    var secret = issued.token().substring(issued.identity().length() + 1);
    var stored = table.get(issued.identity()).orElseThrow().toUtf8();
    assertFalse(stored.contains(secret));
    assertFalse(issued.toString().contains(secret));
  }

  @Test
  void malformedTokensProveNothing() {
    for (var token : new String[] {"", ".", "a.b", "id_x", "x".repeat(100_000), "id_1.\u0000"}) {
      assertEquals(Optional.empty(), identities.identityOf(token));
    }
  }
}

package dev.parlor.relay.socket.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests {@link HelidonChannel}. */
class HelidonChannelTest {

  /** Helidon's class after a possible change: one of the two fields has another type. */
  private static final class ChangedConnection {
    @SuppressWarnings({"UnusedVariable", "unused"})
    private final String socket = "";
  }

  @Test
  @DisplayName("the fields of the pinned version of Helidon are found")
  void fieldsAreFound() {
    assertTrue(HelidonChannel.Fields.find().isPresent());
  }

  @Test
  @DisplayName(
      "if Helidon's fields or class have changed, no fields are found and no exception is thrown")
  void changedFieldsAreAbsent() {
    assertEquals(Optional.empty(), HelidonChannel.Fields.of(ChangedConnection.class.getName()));
    assertEquals(Optional.empty(), HelidonChannel.Fields.of("io.helidon.webserver.NoSuchClass"));
  }
}

package dev.parlor.apps.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The types of authentication. */
class CallersTest {
  private static TokenCheck named(String type) {
    return token -> {
      if (token.equals("bad")) {
        throw AppsException.of(ErrorCode.BAD_TOKEN, "the token has expired");
      }
      return type + ":" + token;
    };
  }

  private final Callers all =
      new Callers(Optional.of(named("clerk")), Optional.of(named("device-id")), named("parlor"));

  private static AppsException refusal(Callers callers, String type, String token) {
    return assertThrows(AppsException.class, () -> callers.verify(type, token));
  }

  @ParameterizedTest
  @CsvSource({"clerk", "device-id", "parlor"})
  @DisplayName("each type has its own check, and its refusal names the field of the token")
  void types(String type) {
    assertEquals(type + ":t", all.verify(type, "t"));
    var refused = refusal(all, type, "bad");
    assertEquals(ErrorCode.BAD_TOKEN, refused.code());
    assertEquals("the token has expired", refused.text());
    assertEquals(Optional.of("auth.token"), refused.field());
  }

  @ParameterizedTest
  @CsvSource({"x", "ucan", "''", "Clerk"})
  @DisplayName("an unknown type is refused as invalid-auth-type")
  void unknownType(String type) {
    var refused = refusal(all, type, "t");
    assertEquals(ErrorCode.INVALID_AUTH_TYPE, refused.code());
    assertEquals(Optional.of("auth.type"), refused.field());
  }

  @ParameterizedTest
  @CsvSource({"clerk,PARLOR_JWT_KEY", "device-id,PARLOR_DEVICE_CA"})
  @DisplayName("a type that is not configured is refused with the missing setting")
  void notConfigured(String type, String setting) {
    var callers = new Callers(Optional.empty(), Optional.empty(), named("parlor"));
    var refused = refusal(callers, type, "t");
    assertEquals(ErrorCode.BAD_TOKEN, refused.code());
    assertTrue(refused.text().contains(setting), refused.text());
    assertEquals("parlor:t", callers.verify("parlor", "t"));
  }

  @Test
  @DisplayName("a token above the limit is refused before it is read")
  void tooLong() {
    var refused = refusal(all, "parlor", "x".repeat(AppLimits.TOKEN_LENGTH_MAX + 1));
    assertEquals(ErrorCode.BAD_TOKEN, refused.code());
    assertTrue(refused.text().contains("32768"), refused.text());
  }
}

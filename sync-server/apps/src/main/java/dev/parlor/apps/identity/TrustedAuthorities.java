package dev.parlor.apps.identity;

import com.nimbusds.jwt.SignedJWT;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The authorities whose device certificates count. While the operator replaces an authority, the
 * old authority counts beside the new until a set time. Immutable; any thread.
 */
public final class TrustedAuthorities {
  private final List<Trusted> authorities;

  /** An authority, and the time from which on it no longer counts; empty for no end. */
  private record Trusted(DeviceCa authority, Optional<Instant> until) {}

  private TrustedAuthorities(List<Trusted> authorities) {
    this.authorities = authorities;
  }

  /** Trusts one authority without an end. */
  public static TrustedAuthorities of(DeviceCa authority) {
    return new TrustedAuthorities(List.of(new Trusted(authority, Optional.empty())));
  }

  /** Also trusts the authority from before, until this time. */
  public TrustedAuthorities withOld(DeviceCa old, Instant until) {
    return new TrustedAuthorities(
        List.of(authorities.getFirst(), new Trusted(old, Optional.of(until))));
  }

  /** Whether an authority that counts at this time signed the certificate. */
  boolean signed(SignedJWT certificate, Instant now) {
    return authorities.stream()
        .filter(trusted -> trusted.until().filter(end -> !now.isBefore(end)).isEmpty())
        .anyMatch(trusted -> trusted.authority().signed(certificate));
  }
}

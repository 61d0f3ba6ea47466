package dev.parlor.bench.conformance;

/**
 * A rule of the protocol without a check, since it cannot be observed from outside the server.
 *
 * @param rule an id of {@code docs/protocol.md}
 * @param why it cannot be observed
 * @param evidence the test that shows it for Parlor
 */
record UncheckedRule(String rule, String why, String evidence) {

  /** All such rules, in order. */
  static java.util.List<UncheckedRule> all() {
    return java.util.List.of(
        new UncheckedRule(
            "AD7",
            "the rule is about changes that are not known yet; the known changes are refused under AD1",
            "`./parlor fuzz crafted`: native code in a child process applies every admitted change"),
        new UncheckedRule(
            "AD8",
            "no known input of a peer ends native code",
            "tests that end a process in native code"),
        new UncheckedRule(
            "DU4",
            "damaging a record requires knowledge of the store's files",
            "`DamageTest`, `CrashPointTest`: every byte of a file, every step of a commit"),
        new UncheckedRule(
            "DU7",
            "a client cannot see whether a document has left memory",
            "`ManyRoomsIT` (more documents than heap), `./parlor bench`"),
        new UncheckedRule(
            "LV2", "the rule is about the page", "`liveness.test.ts`, `dead-connection.spec.ts`"),
        new UncheckedRule(
            "LV3", "the rule is about the page", "`liveness.test.ts`, `dead-connection.spec.ts`"),
        new UncheckedRule(
            "LV4", "the rule is about the page", "`liveness.test.ts`, `dead-connection.spec.ts`"),
        new UncheckedRule(
            "DD1",
            "a client of the sync protocol cannot delete a document",
            "`DeletionIT` with unmodified clients, `DeletionCrashTest`"),
        token("TK1", "`TokenAccessIT`, `TokenClaimsTest`"),
        token("TK2", "`TokenAccessIT`, `SyncAuthorizerIT`"),
        token("TK3", "`TokenAccessIT`"),
        token("TK4", "`TokenAccessIT`"),
        token("TK5", "`SyncAuthorizerIT`"));
  }

  private static UncheckedRule token(String rule, String evidence) {
    return new UncheckedRule(
        rule,
        "the suite checks a server that is open to every client, and the rule is about tokens",
        evidence);
  }
}

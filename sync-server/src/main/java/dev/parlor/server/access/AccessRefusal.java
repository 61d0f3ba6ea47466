package dev.parlor.server.access;

/**
 * Why somebody does not come in: the rule of {@code docs/http-api.md}, what HTTP answers, and a
 * sentence that says nothing that the asker could not know.
 *
 * @param rule for example {@code AC3}
 * @param status of the HTTP answer, or of the refused upgrade
 * @param code stable, for programs, for example {@code nonce-used}
 * @param reason for people
 */
public record AccessRefusal(String rule, int status, String code, String reason) {}

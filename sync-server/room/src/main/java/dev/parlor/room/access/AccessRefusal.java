package dev.parlor.room.access;

/**
 * Why the server refuses a caller: the rule in {@code docs/http-api.md}, the HTTP status, and a
 * sentence for people. The sentence reveals nothing that the caller cannot know already.
 *
 * @param rule for example {@code AC3}
 * @param status of the HTTP answer, or of the refused upgrade
 * @param code a stable code for programs, for example {@code nonce-used}
 * @param reason a sentence for people
 */
public record AccessRefusal(String rule, int status, String code, String reason) {}

package dev.parlor.room.access;

/**
 * The reason why the server refuses a caller. The sentence for people reveals nothing that the
 * caller cannot know already.
 *
 * @param rule the id of the rule in {@code docs/http-api.md}, for example {@code AC3}
 * @param status the status of the HTTP response, or of the refused upgrade
 * @param code a stable code for programs, for example {@code nonce-used}
 * @param reason a sentence for people
 */
public record AccessRefusal(String rule, int status, String code, String reason) {}

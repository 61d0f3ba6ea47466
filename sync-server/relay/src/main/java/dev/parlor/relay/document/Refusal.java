package dev.parlor.relay.document;

/**
 * The reason why a change was refused or a connection ends.
 *
 * @param code the close code, if the connection ends
 * @param rule the id of the broken rule
 */
record Refusal(int code, String rule, String reason) {}

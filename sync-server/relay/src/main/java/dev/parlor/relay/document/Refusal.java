package dev.parlor.relay.document;

/**
 * The reason why a change was refused or a connection is closed.
 *
 * @param code the WebSocket close code, used if the connection is closed
 * @param rule the id of the broken rule
 */
record Refusal(int code, String rule, String reason) {}

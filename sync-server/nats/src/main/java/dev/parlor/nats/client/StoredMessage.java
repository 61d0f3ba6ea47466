package dev.parlor.nats.client;

import dev.parlor.crdt.identity.Bytes;

/**
 * A message of a stream.
 *
 * @param sequence its number in the stream; numbers grow in the order of storing
 */
public record StoredMessage(String subject, long sequence, Bytes data) {}

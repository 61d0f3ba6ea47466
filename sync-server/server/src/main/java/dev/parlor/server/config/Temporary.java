package dev.parlor.server.config;

import java.time.Instant;

/**
 * A key or token from before, which counts beside its successor for some time.
 *
 * @param until from this time on it no longer counts
 */
public record Temporary<T>(T value, Instant until) {}

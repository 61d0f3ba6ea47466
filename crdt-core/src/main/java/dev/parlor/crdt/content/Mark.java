package dev.parlor.crdt.content;

/**
 * A mark on a range of a text, for example bold.
 *
 * @param start the first code point
 * @param end the code point after the last
 */
public record Mark(String name, ContentValue value, int start, int end) {}

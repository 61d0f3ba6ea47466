/**
 * The connection of a client to one automerge-repo server: dialling, the join, heartbeats, and what
 * follows when a connection ends. It knows no documents.
 *
 * <p>Everything runs on the {@link dev.parlor.client.connection.Loop} of the repository, one task
 * after the other. The threads of the JDK's WebSocket only add tasks to it. Time and randomness are
 * arguments. The package never imports {@code sync}, {@code graph}, {@code replica} or the store.
 */
@NullMarked
package dev.parlor.client.connection;

import org.jspecify.annotations.NullMarked;

/**
 * The figures of apps: appends, deploys, requests for published apps, and edits of a room
 * meanwhile, over real connections to a real server.
 *
 * <p>{@link dev.parlor.bench.apps.AppsBench} runs the phases and prints the table. One thread
 * serves every connection ({@link dev.parlor.bench.load.Loop}); times are {@code System.nanoTime}.
 * It talks to 127.0.0.1 only, and starts and ends the server itself. It must not use classes of the
 * server.
 */
@NullMarked
package dev.parlor.bench.apps;

import org.jspecify.annotations.NullMarked;

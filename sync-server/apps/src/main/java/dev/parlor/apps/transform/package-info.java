/**
 * Compiles JSX and TypeScript to JavaScript in a bounded child process, and makes import maps over
 * the packages of this server. Runs on the caller's thread. Never imports storage or Helidon.
 */
@NullMarked
package dev.parlor.apps.transform;

import org.jspecify.annotations.NullMarked;

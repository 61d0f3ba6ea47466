/**
 * From JSX and TypeScript to JavaScript, by a bounded child process, and from imports to an import
 * map over packages of this server. Runs on the caller's thread. Never imports storage or Helidon.
 */
@NullMarked
package dev.parlor.apps.transform;

import org.jspecify.annotations.NullMarked;

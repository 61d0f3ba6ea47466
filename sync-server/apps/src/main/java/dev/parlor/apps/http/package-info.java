/**
 * The apps API over HTTP. Runs on the web server's threads, which are virtual and may block.
 * Imports Helidon; never imports storage.
 */
@NullMarked
package dev.parlor.apps.http;

import org.jspecify.annotations.NullMarked;

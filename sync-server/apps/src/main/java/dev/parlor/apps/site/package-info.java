/**
 * Serves published apps, the page around an app, and the frame for previews. Runs on the web
 * server's threads, which are virtual and may block. Imports Helidon; never imports {@code api} or
 * {@code socket}.
 */
@NullMarked
package dev.parlor.apps.site;

import org.jspecify.annotations.NullMarked;

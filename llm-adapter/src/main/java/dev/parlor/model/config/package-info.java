/**
 * The configuration of model endpoints: presets of known providers, the file of models, and the
 * list of models that an endpoint reports. Runs on the main thread at start. Imports no other
 * Parlor module; nothing here opens a connection except {@link
 * dev.parlor.model.config.ModelDiscovery}.
 */
@NullMarked
package dev.parlor.model.config;

import org.jspecify.annotations.NullMarked;

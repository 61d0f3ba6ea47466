/** Tests of the offline store: damaged and truncated files, failing disks, locks. */
@NullMarked
package dev.parlor.client.store;

import org.jspecify.annotations.NullMarked;

/**
 * Attacks on a whole server with its store on disk, while twenty honest clients go on working: each
 * attack is refused by its rule, and nobody else has to wait.
 */
package dev.parlor.server.hostile;

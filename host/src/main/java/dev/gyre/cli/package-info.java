/**
 * The command line. Data go to standard output or a file, talk to standard error; every error that a user can mend is
 * one line.
 */
@NullMarked
package dev.gyre.cli;

import org.jspecify.annotations.NullMarked;
